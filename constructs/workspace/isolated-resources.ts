import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';

import type { AzureResource } from '../azure/azure-resource';
import type { IsolationPlacement, NetworkIsolation } from '../network/network-isolation';

/** Resources to isolate. Existing ones belong to others, who also decide about their private endpoints. @internal */
export interface IsolatedResources {
  readonly workspace: AzureResource;
  readonly storage?: AzureResource | undefined;
  readonly vault?: AzureResource | undefined;
  readonly registry?: AzureResource | undefined;
}

/**
 * Subresources of a workspace and of what it requires, with their private DNS zones. A workspace uses blobs and file shares.
 * @see https://learn.microsoft.com/azure/private-link/private-endpoint-dns
 * @see https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet
 */
const TARGETS = [
  {
    id: 'WorkspaceEndpoint',
    of: 'workspace',
    subresource: 'amlworkspace',
    zoneNames: ['privatelink.api.azureml.ms', 'privatelink.notebooks.azure.net'],
  },
  {
    id: 'BlobEndpoint',
    of: 'storage',
    subresource: 'blob',
    zoneNames: ['privatelink.blob.core.windows.net'],
  },
  {
    id: 'FileEndpoint',
    of: 'storage',
    subresource: 'file',
    zoneNames: ['privatelink.file.core.windows.net'],
  },
  { id: 'VaultEndpoint', of: 'vault', subresource: 'vault', zoneNames: ['privatelink.vaultcore.azure.net'] },
  { id: 'RegistryEndpoint', of: 'registry', subresource: 'registry', zoneNames: ['privatelink.azurecr.io'] },
] as const;

/**
 * Declares how a network reaches the resources of a workspace.
 * @returns the resources that must exist before it does
 * @internal
 */
export function isolateResources(
  scope: Construct,
  isolation: NetworkIsolation,
  resources: IsolatedResources,
  placement: IsolationPlacement,
): ITerraformDependable[] {
  const dependables = TARGETS.flatMap(({ id, of, subresource, zoneNames }) => {
    const resource = resources[of];
    return resource
      ? isolation.bind(
          scope,
          id,
          { resourceId: resource.id, subresource, zoneNames: [...zoneNames] },
          placement,
        )
      : [];
  });
  return [...new Set(dependables)];
}
