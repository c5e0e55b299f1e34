import { objectOf, objectsOf, textOf } from './json';
import type { Azure, Resource } from './resource-type';

/**
 * Private DNS zones by subresource. Azure writes records of an endpoint only into zones with the right name.
 *
 * @see https://learn.microsoft.com/azure/private-link/private-endpoint-dns
 */
export const ZONES: Readonly<Record<string, readonly string[]>> = {
  amlworkspace: ['privatelink.api.azureml.ms', 'privatelink.notebooks.azure.net'],
  blob: ['privatelink.blob.core.windows.net'],
  file: ['privatelink.file.core.windows.net'],
  queue: ['privatelink.queue.core.windows.net'],
  table: ['privatelink.table.core.windows.net'],
  vault: ['privatelink.vaultcore.azure.net'],
  registry: ['privatelink.azurecr.io'],
};

/** Subresources by type, in lowercase. */
export const SUBRESOURCES: Readonly<Record<string, readonly string[]>> = {
  'microsoft.machinelearningservices/workspaces': ['amlworkspace'],
  'microsoft.storage/storageaccounts': ['blob', 'file', 'queue', 'table'],
  'microsoft.keyvault/vaults': ['vault'],
  'microsoft.containerregistry/registries': ['registry'],
};

export function isPublic({ properties }: Resource): boolean {
  return textOf(properties.publicNetworkAccess).toLowerCase() !== 'disabled';
}

/**
 * Whether machines in a network reach a resource without public access: over an endpoint in this network or a peered one, whose
 * address the network resolves.
 */
export function reaches(azure: Azure, networkId: string, { id }: Resource, subresource: string): boolean {
  return [...azure.all()].some((endpoint) => {
    if (endpoint.type.toLowerCase() !== 'microsoft.network/privateendpoints') {
      return false;
    }
    const leads = objectsOf(endpoint.properties.privateLinkServiceConnections).some(({ properties }) => {
      const { privateLinkServiceId, groupIds } = objectOf(properties);
      return same(textOf(privateLinkServiceId), id) && JSON.stringify(groupIds).includes(`"${subresource}"`);
    });
    return (
      leads &&
      isConnected(azure, networkId, networkOf(textOf(objectOf(endpoint.properties.subnet).id))) &&
      (ZONES[subresource] ?? []).every((zone) => resolves(azure, networkId, endpoint, zone))
    );
  });
}

/** The virtual network of a subnet. */
export function networkOf(subnetId: string): string {
  return subnetId.replace(/\/subnets\/[^/]+$/i, '');
}

/** Peered networks are connected once both have a peering. */
function isConnected(azure: Azure, left: string, right: string): boolean {
  const peers = (from: string, to: string) =>
    objectsOf(azure.find(from)?.properties.virtualNetworkPeerings).some(({ properties }) =>
      same(textOf(objectOf(objectOf(properties).remoteVirtualNetwork).id), to),
    );
  return same(left, right) || (peers(left, right) && peers(right, left));
}

/** Whether a network is linked to a zone of this name with the records of the endpoint. */
function resolves(azure: Azure, networkId: string, endpoint: Resource, zoneName: string): boolean {
  const groups = [...azure.all()].filter(({ id }) =>
    id.toLowerCase().startsWith(`${endpoint.id}/privateDnsZoneGroups/`.toLowerCase()),
  );
  const zones = groups
    .flatMap(({ properties }) => objectsOf(properties.privateDnsZoneConfigs))
    .map(({ properties }) => textOf(objectOf(properties).privateDnsZoneId))
    .filter((id) => id.endsWith(`/${zoneName}`));
  return zones.some((zone) => isLinked(azure, zone, networkId));
}

/** Whether a network resolves the names of a private DNS zone. */
export function isLinked(azure: Azure, zoneId: string, networkId: string): boolean {
  return [...azure.all()].some(
    ({ id, properties }) =>
      id.toLowerCase().startsWith(`${zoneId}/virtualNetworkLinks/`.toLowerCase()) &&
      same(textOf(objectOf(properties.virtualNetwork).id), networkId),
  );
}

function same(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
