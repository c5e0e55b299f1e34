import { createHash } from 'node:crypto';

import { AzureError } from '../azure-error';
import { isObject, objectOf, textOf, type JsonObject } from '../json';
import { parentId, parseResourceId } from '../resource-id';
import type { Azure, Resource, ResourceType } from '../resource-type';

const RECORD_TYPES = ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'];

export const network: Readonly<Record<string, ResourceType>> = {
  'Microsoft.Network/virtualNetworks': { inlineChildren: ['subnets', 'virtualNetworkPeerings'] },
  'Microsoft.Network/natGateways': {},
  'Microsoft.Network/routeTables': { inlineChildren: ['routes'] },
  'Microsoft.Network/networkSecurityGroups': { inlineChildren: ['securityRules'] },
  'Microsoft.Network/loadBalancers': {
    inlineChildren: [
      'frontendIPConfigurations',
      'backendAddressPools',
      'probes',
      'loadBalancingRules',
      'outboundRules',
      'inboundNatRules',
    ],
  },
  'Microsoft.Network/publicIPAddresses': {
    beforeWrite: ({ properties, location }) => {
      const { dnsSettings } = properties;
      if (isObject(dnsSettings) && dnsSettings.domainNameLabel !== undefined) {
        dnsSettings.fqdn = `${textOf(dnsSettings.domainNameLabel)}.${textOf(location)}.cloudapp.azure.com`;
      }
    },
    defaults: ({ id, properties }) => ({
      sku: { tier: 'Regional' },
      properties: {
        ipAddress: ipAddress(id, properties.publicIPAddressVersion === 'IPv6'),
        idleTimeoutInMinutes: 4,
        publicIPAddressVersion: 'IPv4',
        ipTags: [],
        ddosSettings: { protectionMode: 'VirtualNetworkInherited' },
      },
    }),
  },
  'Microsoft.Network/dnsZones': dnsZone('TTL', 'SOARecord', 'minimumTTL'),
  'Microsoft.Network/privateDnsZones': dnsZone('ttl', 'soaRecord', 'minimumTtl'),
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks': {
    beforeWrite: requireNewNetwork,
    defaults: () => ({ properties: { virtualNetworkLinkState: 'Completed' } }),
  },
  ...Object.fromEntries(
    ['dnsZones', 'privateDnsZones'].flatMap((zones) =>
      RECORD_TYPES.map((type): [string, ResourceType] => [
        `Microsoft.Network/${zones}/${type}`,
        { defaults: ({ id, name }) => ({ properties: { fqdn: recordName(id, name), metadata: {} } }) },
      ]),
    ),
  ),
};

/** The names of the properties differ between public and private zones. */
function dnsZone(ttl: string, soaRecord: string, minimumTtl: string): ResourceType {
  const isPrivate = ttl === 'ttl';
  return {
    afterWrite: (zone, azure) => {
      azure.add(`${zone.id}/SOA/@`, { properties: { [ttl]: 3600, [soaRecord]: soa(minimumTtl) } });
    },
    defaults: () => ({
      properties: {
        numberOfRecordSets: 2,
        maxNumberOfRecordSets: 10_000,
        ...(!isPrivate && {
          zoneType: 'Public',
          nameServers: [1, 2, 3, 4].map((index) => `ns${index}-01.azure-dns.example.`),
        }),
      },
    }),
  };
}

/** A zone is linked to a network once. */
function requireNewNetwork(link: Resource, azure: Azure): void {
  const network = (each: Resource) => textOf(objectOf(each.properties.virtualNetwork).id).toLowerCase();
  const zone = parentId(parseResourceId(link.id)).toLowerCase();
  for (const other of azure.all()) {
    const isSibling = other.type === link.type && other.id.toLowerCase().startsWith(`${zone}/`);
    if (isSibling && other.id.toLowerCase() !== link.id.toLowerCase() && network(other) === network(link)) {
      throw new AzureError(
        409,
        'Conflict',
        `A virtual network cannot be linked to a zone by several links; ${other.id} already does.`,
      );
    }
  }
}

function soa(minimumTtl: string): JsonObject {
  return {
    host: 'ns1-01.azure-dns.example.',
    email: 'azuredns-hostmaster.microsoft.com',
    serialNumber: 1,
    refreshTime: 3600,
    retryTime: 300,
    expireTime: 2_419_200,
    [minimumTtl]: 300,
  };
}

function recordName(id: string, name: string): string {
  const zone = id.split('/').at(-3) ?? '';
  return name === '@' ? `${zone}.` : `${name}.${zone}.`;
}

function ipAddress(id: string, isVersion6: boolean): string {
  const [first = 0, second = 0] = createHash('sha256').update(id.toLowerCase()).digest();
  return isVersion6 ? `2603:1030::${((first << 8) | second).toString(16)}` : `20.50.${first}.${second}`;
}
