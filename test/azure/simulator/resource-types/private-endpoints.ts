import { AzureError } from '../azure-error';
import { guid } from '../identity';
import { objectOf, objectsOf, textOf, type JsonObject } from '../json';
import { isPublic, networkOf, SUBRESOURCES, ZONES } from '../private-link';
import { parentId, parseResourceId } from '../resource-id';
import type { Azure, Resource, ResourceType } from '../resource-type';

const ENDPOINT = 'Microsoft.Network/privateEndpoints';

export const privateEndpoints: Readonly<Record<string, ResourceType>> = {
  [ENDPOINT]: {
    beforeWrite: (endpoint, azure) => {
      requirePlacement(endpoint, azure);
      const { properties } = endpoint;
      for (const connection of objectsOf(properties.privateLinkServiceConnections)) {
        requireTarget(objectOf(connection.properties), azure);
        connection.id = `${endpoint.id}/privateLinkServiceConnections/${textOf(connection.name)}`;
        connection.type = `${ENDPOINT}/privateLinkServiceConnections`;
        objectOf(connection.properties).privateLinkServiceConnectionState = {
          status: 'Approved',
          description: 'Auto-Approved',
          actionsRequired: 'None',
        };
      }
      properties.networkInterfaces = [{ id: interfaceId(endpoint) }];
    },
    defaults: () => ({ properties: { manualPrivateLinkServiceConnections: [], customDnsConfigs: [] } }),
    afterWrite: (endpoint, azure) => {
      azure.add(interfaceId(endpoint), {
        location: endpoint.location,
        properties: {
          ipConfigurations: [
            {
              name: 'privateEndpointIpConfig',
              properties: { privateIPAddress: addressOf(endpoint), subnet: endpoint.properties.subnet },
            },
          ],
        },
      });
    },
    afterRemove: (endpoint, azure) => {
      azure.remove(interfaceId(endpoint));
    },
  },
  'Microsoft.Network/networkInterfaces': {},
  [`${ENDPOINT}/privateDnsZoneGroups`]: {
    beforeWrite: ({ id, properties }, azure) => {
      const endpoint = azure.find(parentId(parseResourceId(id)));
      for (const config of objectsOf(properties.privateDnsZoneConfigs)) {
        const { privateDnsZoneId } = objectOf(config.properties);
        const zoneName = textOf(privateDnsZoneId).split('/').at(-1) ?? '';
        const isKnown =
          endpoint !== undefined &&
          groupsOf(endpoint).some((group) => group in ZONES && ZONES[group].includes(zoneName));
        objectOf(config.properties).recordSets =
          endpoint && isKnown
            ? [
                {
                  recordType: 'A',
                  recordSetName: endpoint.name,
                  fqdn: `${endpoint.name}.${zoneName}`,
                  ttl: 10,
                  provisioningState: 'Succeeded',
                  ipAddresses: [addressOf(endpoint)],
                },
              ]
            : [];
      }
    },
  },
};

function interfaceId({ id, name }: Resource): string {
  return `${id.replace(/\/privateEndpoints\/.*$/i, '')}/networkInterfaces/${name}.nic.${guid(id, 'nic')}`;
}

function groupsOf({ properties }: Resource): string[] {
  return objectsOf(properties.privateLinkServiceConnections).flatMap(({ properties: connection }) => {
    const { groupIds } = objectOf(connection);
    return Array.isArray(groupIds) ? groupIds.map((each) => textOf(each)) : [];
  });
}

function addressOf({ id }: Resource): string {
  return `10.60.4.${Number.parseInt(guid(id, 'address').slice(0, 2), 16)}`;
}

/** An endpoint is in the region of its network. */
function requirePlacement({ id, location, properties }: Resource, azure: Azure): void {
  const network = azure.find(networkOf(textOf(objectOf(properties.subnet).id)));
  if (network && network.location !== location) {
    throw new AzureError(
      400,
      'InvalidResourceReference',
      `Resource ${network.id} referenced by resource ${id} is in the region ${textOf(network.location)}; expected ${textOf(location)}.`,
    );
  }
}

function requireTarget({ privateLinkServiceId, groupIds }: JsonObject, azure: Azure): void {
  const target = azure.find(textOf(privateLinkServiceId));
  const known = SUBRESOURCES[target?.type.toLowerCase() ?? ''] ?? [];
  for (const group of Array.isArray(groupIds) ? groupIds : []) {
    if (!known.includes(textOf(group))) {
      throw new AzureError(
        400,
        'PrivateEndpointInvalidGroupId',
        `Cannot create a private endpoint for ${textOf(privateLinkServiceId)}: ${textOf(group)} is not one of its subresources.`,
      );
    }
  }
  if (known.includes('registry') && objectOf(target?.sku).name !== 'Premium') {
    throw new AzureError(
      400,
      'FeatureNotSupported',
      'Private endpoints are supported only by registries with the SKU Premium.',
    );
  }
}

/** Refuses a registry without public access whose SKU does not allow it. */
export function requirePremium({ sku, properties }: Resource): void {
  const registry = { properties } as Resource;
  if (!isPublic(registry) && objectOf(sku).name !== 'Premium') {
    throw new AzureError(
      400,
      'FeatureNotSupported',
      'Public network access can be disabled only for registries with the SKU Premium.',
    );
  }
}
