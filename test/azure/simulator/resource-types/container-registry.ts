import { AzureError } from '../azure-error';
import { guid, now } from '../identity';
import { objectOf, textOf } from '../json';
import { isPublic, networkOf, reaches } from '../private-link';
import { parentId, parseResourceId } from '../resource-id';
import type { Azure, Resource, ResourceType } from '../resource-type';
import { requirePremium } from './private-endpoints';

export const containerRegistry: Readonly<Record<string, ResourceType>> = {
  'Microsoft.ContainerRegistry/registries': {
    beforeWrite: requirePremium,
    defaults: ({ name, sku }) => ({
      sku: { tier: objectOf(sku).name },
      properties: {
        loginServer: `${name.toLowerCase()}.azurecr.io`,
        creationDate: now(),
        adminUserEnabled: false,
        anonymousPullEnabled: false,
        publicNetworkAccess: 'Enabled',
        zoneRedundancy: 'Disabled',
        networkRuleBypassOptions: 'AzureServices',
        dataEndpointEnabled: false,
        encryption: { status: 'disabled' },
        policies: {
          quarantinePolicy: { status: 'disabled' },
          trustPolicy: { type: 'Notary', status: 'disabled' },
          retentionPolicy: { days: 7, status: 'disabled' },
          exportPolicy: { status: 'enabled' },
        },
      },
    }),
    actions: {
      // Every build succeeds at once: nothing is built.
      schedulerun: (registry, azure, { taskId }) => {
        requireAgents(registry, azure.find(textOf(taskId)), azure);
        const { id } = registry;
        const runId = guid(id, JSON.stringify(taskId), String([...azure.all()].length)).slice(0, 8);
        return azure.put(`${id}/runs/${runId}`, {
          properties: { runId, status: 'Succeeded', task: taskId, createTime: now() },
        });
      },
    },
  },
  'Microsoft.ContainerRegistry/registries/agentPools': {
    beforeWrite: ({ id }, azure) => {
      if (objectOf(azure.find(parentId(parseResourceId(id)))?.sku).name !== 'Premium') {
        throw new AzureError(
          400,
          'FeatureNotSupported',
          'Agent pools are supported only by registries with the SKU Premium.',
        );
      }
    },
    defaults: () => ({ properties: { os: 'Linux', count: 1, tier: 'S1' } }),
  },
  'Microsoft.ContainerRegistry/registries/tasks': {},
  'Microsoft.ContainerRegistry/registries/runs': {},
};

/** A registry without public access takes images only from an agent pool in a network that reaches it. */
function requireAgents(registry: Resource, task: Resource | undefined, azure: Azure): void {
  if (isPublic(registry)) {
    return;
  }
  const pool = azure.find(`${registry.id}/agentPools/${textOf(task?.properties.agentPoolName)}`);
  const subnetId = textOf(pool?.properties.virtualNetworkSubnetResourceId);
  if (!reaches(azure, networkOf(subnetId), registry, 'registry')) {
    throw new AzureError(
      403,
      'DENIED',
      `client with IP '20.50.0.9' is not allowed access to ${registry.name}; the task has no agent pool that reaches the registry.`,
    );
  }
}
