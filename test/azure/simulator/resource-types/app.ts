import { AzureError } from '../azure-error';
import { ensureObject, objectOf, objectsOf, textOf, type JsonObject } from '../json';
import { parentId, parseResourceId, subscriptionId } from '../resource-id';
import type { Azure, Resource, ResourceType } from '../resource-type';

/** Secrets are returned by an action alone. */
const SECRET_VALUES = new WeakMap<Resource, JsonObject[]>();

/** Templates of the revisions whose suffix the user chose, by lowercase id of the app and suffix. */
const REVISIONS = new WeakMap<Azure, Map<string, string>>();

export const app: Readonly<Record<string, ResourceType>> = {
  'Microsoft.App/managedEnvironments': {
    // In a network of the user, the infrastructure is in a resource group that the user can see.
    beforeWrite: (environment, azure) => {
      const { properties, location } = environment;
      if (objectOf(properties.vnetConfiguration).infrastructureSubnetId !== undefined) {
        properties.infrastructureResourceGroup ??= `ME_${environment.name}_${environment.id.split('/')[4] ?? ''}_${textOf(location)}`;
        azure.add(infrastructureGroupId(environment), { location, managedBy: environment.id });
      }
    },
    afterRemove: (environment, azure) => {
      azure.remove(infrastructureGroupId(environment));
    },
    defaults: ({ name, location }) => ({
      properties: {
        defaultDomain: `${name}.${textOf(location)}.azurecontainerapps.io`,
        staticIp: '20.60.0.1',
        zoneRedundant: false,
        customDomainConfiguration: { customDomainVerificationId: 'none' },
        peerAuthentication: { mtls: { enabled: false } },
        publicNetworkAccess: 'Enabled',
      },
    }),
  },
  'Microsoft.App/managedEnvironments/certificates': {
    beforeWrite: ({ properties }) => {
      // Neither the certificate nor its key is returned.
      delete properties.value;
      delete properties.password;
    },
  },
  'Microsoft.App/managedEnvironments/managedCertificates': {
    beforeWrite: ({ properties, id }, azure) => {
      const environment = parentId(parseResourceId(id)).toLowerCase();
      const name = textOf(properties.subjectName);
      const apps = [...azure.all()].filter(
        (each) =>
          each.type === 'Microsoft.App/containerApps' &&
          textOf(each.properties.managedEnvironmentId).toLowerCase() === environment,
      );
      if (!apps.some((app) => customDomainsOf(app).some((domain) => domain.name === name))) {
        throw new AzureError(
          400,
          'RequireCustomHostnameInEnvironment',
          `Creating managed certificate requires hostname '${name}' added as a custom hostname to a container app or route in ` +
            'environment.',
        );
      }
    },
  },
  'Microsoft.App/containerApps': {
    beforeWrite: (app, azure) => {
      requireAssignedIdentities(app);
      requireNetworkForTcp(app, azure);
      requireOwnDomains(app, azure);
      requireNewSuffix(app, azure);
      const previous = azure.find(app.id);
      const known = (previous && SECRET_VALUES.get(previous)) ?? [];
      const configuration = ensureObject(app.properties, 'configuration');
      const secrets = objectsOf(configuration.secrets).map((secret) =>
        secret.value === undefined ? (known.find(({ name }) => name === secret.name) ?? secret) : secret,
      );
      SECRET_VALUES.set(app, secrets);
      configuration.secrets = secrets.map(({ name }) => ({ name }));
    },
    defaults: ({ name, properties }) => ({
      properties: {
        environmentId: properties.managedEnvironmentId,
        latestRevisionName: `${name}--1`,
        latestReadyRevisionName: `${name}--1`,
        customDomainVerificationId: 'none',
        outboundIpAddresses: ['20.60.0.2'],
        runningStatus: 'Running',
      },
    }),
    actions: {
      listsecrets: (app) => ({
        value: (SECRET_VALUES.get(app) ?? []).map((secret) =>
          Object.fromEntries(Object.entries(secret).filter(([, value]) => value !== null && value !== '')),
        ),
      }),
    },
  },
};

function ingressOf({ properties }: Resource): JsonObject {
  return objectOf(objectOf(properties.configuration).ingress);
}

function customDomainsOf(app: Resource): JsonObject[] {
  return objectsOf(ingressOf(app).customDomains);
}

/** Registries and secrets of vaults are read with identities of the app. */
function requireAssignedIdentities({ identity, properties }: Resource): void {
  const assigned = Object.keys(objectOf(objectOf(identity).userAssignedIdentities)).map((each) =>
    each.toLowerCase(),
  );
  const { registries, secrets } = objectOf(properties.configuration);
  for (const each of [...objectsOf(registries), ...objectsOf(secrets)]) {
    const used = textOf(each.identity ?? '');
    if (used !== '' && used.toLowerCase() !== 'system' && !assigned.includes(used.toLowerCase())) {
      throw new AzureError(
        400,
        'InvalidParameterValueInContainerTemplate',
        `The identity ${used} is not assigned to the app.`,
      );
    }
  }
}

function requireNetworkForTcp(app: Resource, azure: Azure): void {
  const { transport, external, exposedPort } = ingressOf(app);
  if (textOf(transport ?? '').toLowerCase() !== 'tcp') {
    return;
  }
  const environment = azure.find(textOf(app.properties.managedEnvironmentId));
  const network = objectOf(environment?.properties.vnetConfiguration).infrastructureSubnetId;
  if (external === true && network === undefined) {
    throw new AzureError(
      400,
      'ContainerAppTcpRequiresVnet',
      'Applications with external TCP ingress can only be deployed to Container App Environments that have a custom VNET.',
    );
  }
  if (exposedPort === 80 || exposedPort === 443) {
    throw new AzureError(
      400,
      'ContainerAppInvalidExposedPort',
      'The ports 80 and 443 are reserved for HTTP.',
    );
  }
}

/** A domain is added once its TXT record shows that it is the subscription's. */
function requireOwnDomains(app: Resource, azure: Azure): void {
  const previous = azure.find(app.id);
  const known = previous ? customDomainsOf(previous).map(({ name }) => name) : [];
  const records = new Set(
    [...azure.all()]
      .filter(({ type }) => type === 'Microsoft.Network/dnsZones/TXT')
      .map(({ properties }) => textOf(properties.fqdn)),
  );
  for (const { name, bindingType, certificateId } of customDomainsOf(app)) {
    if (!known.includes(name) && !records.has(`asuid.${textOf(name)}.`)) {
      throw new AzureError(
        400,
        'InvalidCustomHostNameValidation',
        `A TXT record pointing from asuid.${textOf(name)} to the verification id was not found.`,
      );
    }
    if (bindingType === 'SniEnabled' && certificateId === undefined) {
      throw new AzureError(
        400,
        'CertificateMissing',
        `The custom domain ${textOf(name)} needs a certificate.`,
      );
    }
  }
}

/** A revision never changes. */
function requireNewSuffix({ id, properties }: Resource, azure: Azure): void {
  const { revisionSuffix, ...template } = objectOf(properties.template);
  if (revisionSuffix === undefined || revisionSuffix === '') {
    return;
  }
  const revisions = REVISIONS.get(azure) ?? new Map<string, string>();
  REVISIONS.set(azure, revisions);
  const key = `${id.toLowerCase()}--${textOf(revisionSuffix)}`;
  const content = JSON.stringify(template);
  if ((revisions.get(key) ?? content) !== content) {
    throw new AzureError(
      400,
      'ContainerAppRevisionAlreadyExists',
      `A revision with the suffix ${textOf(revisionSuffix)} exists, and its template differs.`,
    );
  }
  revisions.set(key, content);
}

function infrastructureGroupId({ id, properties }: Resource): string {
  return `/subscriptions/${subscriptionId(id)}/resourceGroups/${textOf(properties.infrastructureResourceGroup)}`;
}
