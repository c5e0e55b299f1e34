import { ensureObject, objectOf, objectsOf, textOf, type JsonObject } from '../json';
import { subscriptionId } from '../resource-id';
import type { Resource, ResourceType } from '../resource-type';

/** Secrets are returned by an action alone. */
const SECRET_VALUES = new WeakMap<Resource, JsonObject[]>();

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
  'Microsoft.App/containerApps': {
    beforeWrite: (app, azure) => {
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

function infrastructureGroupId({ id, properties }: Resource): string {
  return `/subscriptions/${subscriptionId(id)}/resourceGroups/${textOf(properties.infrastructureResourceGroup)}`;
}
