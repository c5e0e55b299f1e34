import { ensureObject, objectsOf, textOf, type JsonObject } from '../json';
import type { Resource, ResourceType } from '../resource-type';

/** Secrets are returned by an action alone. */
const SECRET_VALUES = new WeakMap<Resource, JsonObject[]>();

export const app: Readonly<Record<string, ResourceType>> = {
  'Microsoft.App/managedEnvironments': {
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
