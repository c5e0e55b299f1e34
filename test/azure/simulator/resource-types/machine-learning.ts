import { AzureError } from '../azure-error';
import { guid, now } from '../identity';
import { objectOf, textOf } from '../json';
import { parentId, parseResourceId } from '../resource-id';
import type { ResourceType } from '../resource-type';

const WORKSPACE = 'Microsoft.MachineLearningServices/workspaces';

export const machineLearning: Readonly<Record<string, ResourceType>> = {
  [WORKSPACE]: {
    beforeWrite: ({ id }, { deletedWorkspaces }) => {
      if (deletedWorkspaces.has(id.toLowerCase())) {
        throw new AzureError(
          400,
          'BadRequest',
          'Soft-deleted workspace exists. Please purge or recover it. https://aka.ms/wsoftdelete',
        );
      }
    },
    afterRemove: ({ id }, { deletedWorkspaces }) => {
      deletedWorkspaces.add(id.toLowerCase());
    },
    defaults: ({ id, location }) => ({
      kind: 'Default',
      sku: { name: 'Basic', tier: 'Basic' },
      properties: {
        workspaceId: guid(id),
        hbiWorkspace: false,
        publicNetworkAccess: 'Enabled',
        v1LegacyMode: false,
        discoveryUrl: `https://${textOf(location)}.api.azureml.ms/discovery`,
        managedNetwork: { isolationMode: 'Disabled' },
        provisionNetworkNow: false,
        systemDatastoresAuthMode: 'accesskey',
        enableDataIsolation: false,
      },
    }),
  },
  [`${WORKSPACE}/datastores`]: { defaults: () => ({ properties: { isDefault: false } }) },
  [`${WORKSPACE}/computes`]: {
    defaults: ({ location }) => ({
      properties: {
        computeLocation: location,
        createdOn: now(),
        isAttachedCompute: true,
        disableLocalAuth: false,
      },
    }),
  },
  [`${WORKSPACE}/models`]: {},
  [`${WORKSPACE}/models/versions`]: {},
  [`${WORKSPACE}/codes`]: {},
  [`${WORKSPACE}/codes/versions`]: {},
  [`${WORKSPACE}/environments`]: {},
  [`${WORKSPACE}/environments/versions`]: {},
  [`${WORKSPACE}/onlineEndpoints`]: {
    beforeWrite: ({ properties }) => {
      delete properties.keys;
    },
    defaults: ({ name }) => ({
      properties: {
        scoringUri: `https://${name}.example.com/score`,
        swaggerUri: `https://${name}.example.com/swagger.json`,
        traffic: {},
        mirrorTraffic: {},
        publicNetworkAccess: 'Enabled',
      },
    }),
    actions: {
      listkeys: ({ id }) => ({ primaryKey: guid(id, 'primary'), secondaryKey: guid(id, 'secondary') }),
    },
  },
  [`${WORKSPACE}/onlineEndpoints/deployments`]: {
    beforeWrite: (deployment, azure) => {
      const endpoint = azure.find(parentId(parseResourceId(deployment.id)));
      const managed = deployment.properties.endpointComputeType === 'Managed';
      if (managed === (endpoint?.properties.compute !== undefined)) {
        throw new AzureError(
          400,
          'BadArgument',
          `The endpoint ${managed ? 'has' : 'lacks'} a compute, which a deployment of the type ` +
            `${textOf(deployment.properties.endpointComputeType)} does not allow.`,
        );
      }
      if (managed && !(Number(objectOf(deployment.sku).capacity) >= 1)) {
        throw new AzureError(400, 'BadArgument', 'The capacity of the SKU must be at least 1.');
      }
    },
  },
};
