import { AzureError } from './azure-error';
import { bodyOf, jsonResponse, type AzureRequest, type AzureResponse } from './http';
import { CALLER, now } from './identity';
import type { Json, JsonObject } from './json';
import { answerMarketplace } from './marketplace';
import { parseResourceId, resourceName, resourceType, subscriptionId } from './resource-id';
import { notFound, type ResourceStore } from './resource-store';
import { answerResourceGraph } from './resource-graph';
import { RESOURCE_PROVIDERS } from './resource-providers';
import type { Resource } from './resource-type';
import { BUILT_IN_ROLES } from './roles';

const REGIONS = ['eastus', 'westeurope', 'westus2', 'southeastasia'];

/** `management.azure.com`: resources, resource groups, subscriptions, roles. */
export class ResourceManager {
  constructor(private readonly store: ResourceStore) {}

  async answer(request: AzureRequest): Promise<AzureResponse> {
    const path = request.path.replace(/\/+$/, '');
    return this.answerSubscription(request, path) ?? (await this.answerResource(request, path));
  }

  /** What is not a resource. */
  private answerSubscription(request: AzureRequest, path: string): AzureResponse | undefined {
    const lower = path.toLowerCase();
    if (lower.startsWith('/metadata/endpoints')) {
      return jsonResponse(200, {
        cloudEndpoint: { public: { endpoint: 'management.azure.com', locations: REGIONS } },
      });
    }
    if (lower === '/providers/microsoft.resourcegraph/resources') {
      return answerResourceGraph(this.store, request);
    }
    if (/^\/subscriptions\/[^/]+$/.test(lower)) {
      return jsonResponse(200, {
        id: path,
        subscriptionId: subscriptionId(path),
        tenantId: CALLER.tenantId,
        displayName: 'simulated',
        state: 'Enabled',
        subscriptionPolicies: {},
      });
    }
    if (lower.includes('/operations/')) {
      return jsonResponse(200, { id: path, name: resourceName(path), status: 'Succeeded' });
    }
    if (/^\/subscriptions\/[^/]+\/locations$/.test(lower)) {
      return jsonResponse(200, { value: REGIONS.map((name) => ({ name, displayName: name })) });
    }
    if (/^\/subscriptions\/[^/]+\/providers(\/[^/]+(\/register)?)?$/.test(lower)) {
      return this.answerProviders(lower);
    }
    if (/^\/subscriptions\/[^/]+(\/resourcegroups\/[^/]+)?\/resources$/.test(lower)) {
      return jsonResponse(200, { value: this.trackedResources(request, path) });
    }
    if (lower.includes('checknameavailability')) {
      return jsonResponse(200, { nameAvailable: true, available: true });
    }
    if (lower.includes('/deletedvaults')) {
      return this.answerDeletedVault(request, path);
    }
    if (/\/providers\/microsoft\.authorization\/roledefinitions(\/[^/]+)?$/.test(lower)) {
      return this.answerRoleDefinitions(request, path);
    }
    if (lower.includes('/microsoft.marketplaceordering/')) {
      return answerMarketplace(this.store, request, path);
    }
    return undefined;
  }

  private async answerResource(request: AzureRequest, path: string): Promise<AzureResponse> {
    const { method } = request;
    const id = parseResourceId(path);
    if (id.namespace !== undefined && id.segments.length % 2 === 1) {
      return method === 'POST' ? this.act(request, path) : this.answerCollection(request, path);
    }
    const slot = this.store.inlineSlot(path);
    if (slot) {
      return this.answerInline(request, path, slot);
    }
    const resource = this.store.find(path);
    switch (method) {
      case 'PUT':
        return this.written(request, this.store.put(path, this.bodyToPut(request, resource)));
      case 'PATCH':
        return this.written(request, this.store.patch(path, bodyOf(request)));
      case 'DELETE':
        if (!resource) {
          return { status: 204 };
        }
        this.store.remove(path);
        if (request.query.get('forcetopurge') === 'true') {
          this.store.deletedWorkspaces.delete(path.toLowerCase());
        }
        return { status: ACCEPTS_DELETION.some((type) => resource.type.startsWith(type)) ? 202 : 200 };
      case 'GET':
      case 'HEAD': {
        const found = resource ?? this.store.implicit(path);
        if (!found) {
          throw notFound(path);
        }
        return method === 'HEAD' ? { status: 204 } : jsonResponse(200, this.store.shown(found, request));
      }
      default:
        throw new AzureError(405, 'MethodNotAllowed', `${method} ${path}`);
    }
  }

  /** A resource group keeps what a request does not name. */
  private bodyToPut(request: AzureRequest, resource: Resource | undefined): JsonObject {
    const body = bodyOf(request);
    return resource?.type === 'Microsoft.Resources/resourceGroups' ? { ...resource, ...body } : body;
  }

  /**
   * What a `PUT` or a `PATCH` answers: 200, since some of azurerm's clients do not expect 201. The operation is done then,
   * which spares azurerm its wait of ten seconds for each resource.
   */
  private async written(request: AzureRequest, resource: Resource): Promise<AzureResponse> {
    await this.store.completed(resource);
    return jsonResponse(200, this.store.shown(resource, request), operationHeaders(request, resource.id));
  }

  private async act(request: AzureRequest, path: string): Promise<AzureResponse> {
    const action = resourceName(path);
    const id = path.slice(0, -action.length - 1);
    const resource = this.store.find(id);
    if (!resource) {
      throw notFound(id);
    }
    const run = this.store.typeOf(resource.type).actions?.[action.toLowerCase()];
    if (!run) {
      throw new AzureError(404, 'NotFound', `There is no action ${action} on ${resource.type}.`);
    }
    return jsonResponse(200, await run(resource, this.store, bodyOf(request)));
  }

  private answerCollection(request: AzureRequest, path: string): AzureResponse {
    const collection = resourceName(path).toLowerCase();
    if (collection === 'currentbillingfeatures') {
      return jsonResponse(200, request.method === 'PUT' ? bodyOf(request) : BILLING_FEATURES);
    }
    const id = parseResourceId(path);
    const below = id.segments.length === 1 ? id.scope : path.slice(0, path.lastIndexOf('/'));
    const found = this.store.list(resourceType(id), below);
    return jsonResponse(200, { value: found.map((each) => this.store.shown(each, request)) });
  }

  private answerInline(
    request: AzureRequest,
    path: string,
    slot: NonNullable<ReturnType<ResourceStore['inlineSlot']>>,
  ): AzureResponse {
    const child = this.store.findInline(path, slot);
    switch (request.method) {
      case 'GET':
        if (!child) {
          throw notFound(path);
        }
        return jsonResponse(200, child);
      case 'DELETE':
        this.store.removeInline(path, slot);
        return { status: child ? 200 : 204 };
      default: {
        const written = this.store.putInline(path, slot, bodyOf(request));
        return jsonResponse(200, written, operationHeaders(request, path));
      }
    }
  }

  private answerProviders(path: string): AzureResponse {
    const [, , , , namespace, register] = path.split('/') as (string | undefined)[];
    const { registered } = this.store;
    const isRegistered = (name: string) => registered.has(name.toLowerCase());
    if (namespace === undefined) {
      return jsonResponse(200, {
        value: RESOURCE_PROVIDERS.map((name) => providerOf(name, isRegistered(name))),
      });
    }
    if (register !== undefined) {
      registered.add(namespace);
    }
    const name = RESOURCE_PROVIDERS.find((each) => each.toLowerCase() === namespace) ?? namespace;
    return jsonResponse(200, providerOf(name, isRegistered(name)));
  }

  /** What a group, or a subscription, has in it; also by a filter such as `resourceType eq 'Microsoft.KeyVault/vaults'`. */
  private trackedResources(request: AzureRequest, path: string): Json[] {
    const scope = path.slice(0, path.lastIndexOf('/')).toLowerCase();
    const filter = request.query.get('$filter') ?? '';
    const wanted = [...filter.matchAll(/(resourceType|name) eq '([^']+)'/gi)].map(([, property, value]) => ({
      property: property.toLowerCase() === 'name' ? ('name' as const) : ('type' as const),
      value: value.toLowerCase(),
    }));
    return [...this.store.all()]
      .filter(
        (each) =>
          each.id.toLowerCase().startsWith(`${scope}/`) &&
          parseResourceId(each.id).segments.length === 2 &&
          each.location !== undefined &&
          wanted.every(({ property, value }) => each[property].toLowerCase() === value),
      )
      .map(({ id, name, type, location, tags }) => ({ id, name, type, location, tags }));
  }

  private answerDeletedVault(request: AzureRequest, path: string): AzureResponse {
    const isPurge = path.toLowerCase().endsWith('/purge');
    const name = (isPurge ? path.split('/').at(-2) : path.split('/').at(-1)) ?? '';
    const vault = this.store.deletedVaults.get(name.toLowerCase());
    if (!vault) {
      throw new AzureError(
        404,
        'DeletedVaultNotFound',
        `The specified deleted vault '${name}' does not exist.`,
      );
    }
    const isProtected = vault.properties.enablePurgeProtection === true;
    if (request.method === 'POST') {
      if (isProtected) {
        throw new AzureError(
          409,
          'MethodNotAllowed',
          `Operation 'DeletedVaultPurge' is not allowed: purge protection is enabled for ${name}.`,
        );
      }
      this.store.deletedVaults.delete(name.toLowerCase());
      return jsonResponse(200);
    }
    return jsonResponse(200, {
      id: path,
      name,
      type: 'Microsoft.KeyVault/deletedVaults',
      properties: {
        vaultId: vault.id,
        location: vault.location,
        deletionDate: now(),
        scheduledPurgeDate: now(),
        purgeProtectionEnabled: isProtected,
      },
    });
  }

  private answerRoleDefinitions(request: AzureRequest, path: string): AzureResponse {
    const definitions = Object.entries(BUILT_IN_ROLES).map(([name, id]) => ({ name, id }));
    const show = ({ name, id }: { name: string; id: string }): JsonObject => ({
      id: `/subscriptions/${subscriptionId(path)}/providers/Microsoft.Authorization/roleDefinitions/${id}`,
      name: id,
      type: 'Microsoft.Authorization/roleDefinitions',
      properties: {
        roleName: name,
        type: 'BuiltInRole',
        description: name,
        assignableScopes: ['/'],
        permissions: [],
      },
    });
    if (!/\/roledefinitions$/i.test(path)) {
      const found = definitions.find(({ id }) => id === resourceName(path).toLowerCase());
      if (!found) {
        throw new AzureError(404, 'RoleDefinitionDoesNotExist', `There is no role definition ${path}.`);
      }
      return jsonResponse(200, show(found));
    }
    const asked = /roleName eq '([^']+)'/.exec(request.query.get('$filter') ?? '')?.[1];
    const found = definitions.filter(({ name }) => asked === undefined || name === asked);
    return jsonResponse(200, { value: found.map(show) });
  }
}

/** Types whose deletion azurerm's clients expect to be accepted, not done. */
const ACCEPTS_DELETION = ['Microsoft.ContainerService/', 'Microsoft.Monitor/'];

function operationHeaders({ headers }: AzureRequest, id: string): Record<string, string> {
  // azapi waits for an operation by its own intervals.
  return headers['user-agent']?.includes('azapi')
    ? {}
    : {
        'Azure-AsyncOperation': `https://management.azure.com/subscriptions/${subscriptionId(id)}/operations/done?api-version=1`,
        'Retry-After': '0',
      };
}

function providerOf(namespace: string, isRegistered: boolean): JsonObject {
  return {
    namespace,
    registrationState: isRegistered ? 'Registered' : 'NotRegistered',
    resourceTypes: [],
  };
}

/** Of Application Insights, which azurerm reads and writes for each component. */
const BILLING_FEATURES: JsonObject = {
  CurrentBillingFeatures: ['Basic'],
  DataVolumeCap: {
    Cap: 100,
    WarningThreshold: 90,
    StopSendNotificationWhenHitThreshold: false,
    StopSendNotificationWhenHitCap: false,
    MaxHistoryCap: 1000,
    ResetTime: 0,
  },
};
