import { AzureError, NotSimulatedError } from './azure-error';
import type { ClusterHost } from './cluster-host';
import type { AzureRequest } from './http';
import { CALLER, guid } from './identity';
import { fill, isObject, merge, objectOf, objectsOf, textOf, type Json, type JsonObject } from './json';
import {
  parentId,
  parseResourceId,
  resourceGroupId,
  resourceName,
  resourceType,
  type ResourceId,
} from './resource-id';
import type { Azure, Resource, ResourceType } from './resource-type';

const ID = /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/.+/i;

/** Those whose resources keep others from being deleted. */
const USERS = /\/providers\/microsoft\.(network|compute|app|containerservice|containerregistry)\//i;

/** An inline child: the resource that holds it, and the property that it is in. */
interface InlineSlot {
  readonly parent: Resource | undefined;
  readonly property: string;
}

/**
 * The resources of all subscriptions, with the checks that Azure makes whenever one is written or deleted: the parent and
 * all resources that it refers to exist, its namespace is registered, and nothing that is in use is deleted.
 */
export class ResourceStore implements Azure {
  private readonly resources = new Map<string, Resource>();
  readonly deletedVaults = new Map<string, Resource>();
  readonly deletedWorkspaces = new Set<string>();
  private readonly completions = new WeakMap<Resource, void | Promise<void>>();
  private readonly removalListeners: ((resource: Resource) => void)[] = [];

  /**
   * @param types by lowercase name
   * @param registered lowercase namespaces of the resource providers that the subscriptions are registered for
   */
  constructor(
    private readonly types: ReadonlyMap<string, ResourceType>,
    readonly registered: Set<string>,
    readonly clusters: ClusterHost,
  ) {}

  find(id: string): Resource | undefined {
    return this.resources.get(id.toLowerCase());
  }

  all(): Iterable<Resource> {
    return this.resources.values();
  }

  /** Resources of a type below a scope or a parent. */
  list(type: string, below: string): Resource[] {
    const prefix = `${below}/`.toLowerCase();
    return [...this.resources]
      .filter(([key, each]) => key.startsWith(prefix) && each.type.toLowerCase() === type.toLowerCase())
      .map(([, each]) => each);
  }

  typeOf(name: string): ResourceType {
    const type = this.types.get(name.toLowerCase());
    if (!type) {
      throw new NotSimulatedError(
        `resources of the type ${name} are not simulated; add the type to test/azure/simulator/resource-types`,
      );
    }
    return type;
  }

  onRemoved(listener: (resource: Resource) => void): void {
    this.removalListeners.push(listener);
  }

  /** Waits for what comes with a resource that was written. */
  async completed(resource: Resource): Promise<void> {
    await this.completions.get(resource);
  }

  put(id: string, body: JsonObject): Resource {
    const parsed = parseResourceId(id);
    this.requireRegistered(parsed);
    this.requireParent(parsed);
    this.requireReferences(id, body);
    return this.write(id, body);
  }

  private write(id: string, body: JsonObject): Resource {
    const typeName = resourceType(parseResourceId(id));
    const type = this.typeOf(typeName);
    const previous = this.find(id);
    const resource: Resource = {
      ...structuredClone(body),
      id: previous?.id ?? id,
      name: previous?.name ?? resourceName(id),
      type: typeName,
      properties: structuredClone(objectOf(body.properties)),
    };
    this.grantIdentities(resource);
    for (const property of type.inlineChildren ?? []) {
      completeChildren(resource, property);
    }
    type.beforeWrite?.(resource, this);
    fill(resource, type.defaults?.(resource, this) ?? {});
    resource.properties.provisioningState = 'Succeeded';
    resource.etag = `W/"${guid(id, JSON.stringify(resource))}"`;
    this.resources.set(id.toLowerCase(), resource);
    this.completions.set(resource, type.afterWrite?.(resource, this));
    return resource;
  }

  patch(id: string, body: JsonObject): Resource {
    const previous = this.find(id);
    if (!previous) {
      throw notFound(id);
    }
    const merged = this.shown(previous);
    merge(merged, body);
    return this.put(id, merged);
  }

  add(id: string, body: JsonObject): void {
    if (!this.find(id)) {
      this.write(id, body);
    }
  }

  /** Removes a resource and all that is in it. */
  remove(id: string): void {
    const user = this.userOf(id);
    if (user) {
      throw new AzureError(
        400,
        'InUse',
        `Resource ${id} cannot be deleted because it is in use by ${user.id}.`,
      );
    }
    const key = id.toLowerCase();
    const removed = [...this.resources].filter(([each]) => each === key || each.startsWith(`${key}/`));
    for (const [each] of removed) {
      this.resources.delete(each);
    }
    for (const [, resource] of removed) {
      this.types.get(resource.type.toLowerCase())?.afterRemove?.(resource, this);
      for (const listener of this.removalListeners) {
        listener(resource);
      }
    }
  }

  /** A copy as a reader is shown it. */
  shown(resource: Resource, request?: AzureRequest): Resource {
    const copy = structuredClone(resource);
    this.typeOf(resource.type).show?.(copy, this, request);
    return copy;
  }

  /** A resource that exists with its parent, such as a storage account's blob service. */
  implicit(id: string): Resource | undefined {
    const parsed = parseResourceId(id);
    const type = resourceType(parsed);
    const properties = this.types.get(type.toLowerCase())?.implicit;
    return properties && this.find(parentId(parsed))
      ? { id, name: resourceName(id), type, properties: structuredClone(properties) }
      : undefined;
  }

  /** Where a child is kept that its parent holds in a property; `undefined` for one that is stored by itself. */
  inlineSlot(id: string): InlineSlot | undefined {
    const parsed = parseResourceId(id);
    const collection = parsed.segments.at(-2)?.toLowerCase();
    if (parsed.segments.length < 4 || collection === undefined) {
      return undefined;
    }
    const parent = parentId(parsed);
    const properties = this.types.get(resourceType(parseResourceId(parent)).toLowerCase())?.inlineChildren;
    const property = properties?.find((each) => each.toLowerCase() === collection);
    return property === undefined ? undefined : { parent: this.find(parent), property };
  }

  findInline(id: string, { parent, property }: InlineSlot): JsonObject | undefined {
    const name = resourceName(id).toLowerCase();
    return objectsOf(parent?.properties[property]).find((child) => textOf(child.name).toLowerCase() === name);
  }

  putInline(id: string, slot: InlineSlot, body: JsonObject): JsonObject {
    const { parent, property } = slot;
    if (!parent) {
      throw notFound(parentId(parseResourceId(id)));
    }
    const child: JsonObject = { ...body, name: resourceName(id) };
    const written = this.put(parent.id, {
      ...parent,
      properties: { ...parent.properties, [property]: [...this.siblings(id, slot), child] },
    });
    return this.findInline(id, { parent: written, property }) ?? child;
  }

  removeInline(id: string, slot: InlineSlot): void {
    const user = this.userOf(id);
    if (user) {
      throw new AzureError(400, 'InUse', `${id} cannot be deleted because it is in use by ${user.id}.`);
    }
    if (slot.parent) {
      slot.parent.properties[slot.property] = this.siblings(id, slot);
    }
  }

  private siblings(id: string, slot: InlineSlot): JsonObject[] {
    const child = this.findInline(id, slot);
    return objectsOf(slot.parent?.properties[slot.property]).filter((each) => each !== child);
  }

  private requireRegistered({ namespace }: ResourceId): void {
    if (namespace !== undefined && !this.registered.has(namespace.toLowerCase())) {
      throw new AzureError(
        409,
        'MissingSubscriptionRegistration',
        `The subscription is not registered to use namespace '${namespace}'. See https://aka.ms/rps-not-found for ` +
          'how to register subscriptions.',
      );
    }
  }

  private requireParent(id: ResourceId): void {
    const group = resourceGroupId(id.text);
    if (id.namespace === undefined || group === undefined) {
      return;
    }
    if (!this.find(group)) {
      throw new AzureError(
        404,
        'ResourceGroupNotFound',
        `Resource group '${resourceName(group)}' could not be found.`,
      );
    }
    const parent = parentId(id);
    if (parent.toLowerCase() !== group.toLowerCase() && !this.exists(parent)) {
      throw new AzureError(
        404,
        'ParentResourceNotFound',
        `Failed to perform 'write' on resource(s) of type '${resourceType(id)}', because the parent resource '${parent}' could not be found.`,
      );
    }
  }

  private requireReferences(id: string, body: JsonObject): void {
    const own = `${id}/`.toLowerCase();
    for (const reference of referencesOf({ ...body, id: undefined })) {
      if (!reference.toLowerCase().startsWith(own) && !this.exists(reference)) {
        throw new AzureError(
          400,
          'InvalidResourceReference',
          `Resource ${reference} referenced by resource ${id} was not found.`,
        );
      }
    }
  }

  private exists(text: string): boolean {
    const id = text.replace(/\?.*$/, '').replace(/\/+$/, '');
    if (this.find(id) ?? this.implicit(id)) {
      return true;
    }
    const slot = this.inlineSlot(id);
    return slot !== undefined && this.findInline(id, slot) !== undefined;
  }

  private grantIdentities(resource: Resource): void {
    const { identity } = resource;
    if (!isObject(identity)) {
      return;
    }
    if (textOf(identity.type).includes('SystemAssigned')) {
      identity.principalId = guid(resource.id, 'principal');
      identity.tenantId = CALLER.tenantId;
    }
    const { userAssignedIdentities: users } = identity;
    if (isObject(users)) {
      for (const id of Object.keys(users)) {
        const { principalId, clientId } = this.find(id)?.properties ?? {};
        users[id] = { principalId, clientId };
      }
    }
  }

  /** What uses a network's parts. */
  private userOf(id: string): Resource | undefined {
    const key = id.toLowerCase();
    if (!key.includes('/providers/microsoft.network/')) {
      return undefined;
    }
    return [...this.resources.values()].find(
      (each) =>
        USERS.test(each.id) &&
        !each.id.toLowerCase().startsWith(key) &&
        [...referencesOf(each)].some((reference) => `${reference}/`.toLowerCase().startsWith(`${key}/`)),
    );
  }
}

export function notFound(id: string): AzureError {
  const parsed = parseResourceId(id);
  return parsed.namespace === undefined && /\/resourcegroups\//i.test(id)
    ? new AzureError(404, 'ResourceGroupNotFound', `Resource group '${resourceName(id)}' could not be found.`)
    : new AzureError(404, 'ResourceNotFound', `The Resource '${id}' was not found.`);
}

function completeChildren(resource: Resource, property: string): void {
  resource.properties[property] = objectsOf(resource.properties[property]).map((child) => ({
    ...child,
    id: `${resource.id}/${property}/${textOf(child.name)}`,
    type: `${resource.type}/${property}`,
    properties: { ...objectOf(child.properties), provisioningState: 'Succeeded' },
  }));
}

/** The ids of resources that a body names, also as keys: those of `userAssignedIdentities` are ids. */
function* referencesOf(value: Json | undefined): Iterable<string> {
  if (typeof value === 'string') {
    if (ID.test(value)) {
      yield value;
    }
  } else if (Array.isArray(value)) {
    for (const each of value) {
      yield* referencesOf(each);
    }
  } else if (isObject(value)) {
    for (const [name, each] of Object.entries(value)) {
      if (ID.test(name)) {
        yield name;
      }
      // The id of an inline child is not a reference.
      if (name !== 'id' || value.type === undefined) {
        yield* referencesOf(each);
      }
    }
  }
}
