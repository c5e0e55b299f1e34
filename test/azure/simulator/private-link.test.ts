import { afterwards } from '../../support/cleanup';
import { AzureSimulator } from './azure-simulator';
import { CALLER_NETWORK_ID, SUBSCRIPTION_ID } from './identity';
import type { JsonObject } from './json';

const SUBSCRIPTION = `/subscriptions/${SUBSCRIPTION_ID}`;
const GROUP = `${SUBSCRIPTION}/resourceGroups/scoring`;
const NETWORKS = `${GROUP}/providers/Microsoft.Network`;
const SPOKE = `${NETWORKS}/virtualNetworks/spoke`;
const ZONE = `${NETWORKS}/privateDnsZones/privatelink.vaultcore.azure.net`;
const ENDPOINT = `${NETWORKS}/privateEndpoints/vault`;
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/keys`;
const REGISTRY = `${GROUP}/providers/Microsoft.ContainerRegistry/registries/images`;
const SUBNETS = ['nodes', 'endpoints', 'builds'].map((name) => ({ name, properties: {} }));
const LOCATION = 'westeurope';

let azure: AzureSimulator;

beforeEach(async () => {
  azure = await AzureSimulator.start();
  afterwards(() => azure.close());
  azure.seed({
    [GROUP]: { location: LOCATION },
    [`${SUBSCRIPTION}/resourceGroups/pipeline`]: { location: LOCATION },
    [CALLER_NETWORK_ID]: { location: LOCATION },
    [SPOKE]: { location: LOCATION, properties: { subnets: SUBNETS } },
    [VAULT]: { location: LOCATION, properties: { publicNetworkAccess: 'Disabled' } },
  });
});

async function call(method: string, path: string, body?: JsonObject, host = 'management.azure.com') {
  const { status, body: answered } = await azure.handle({
    method,
    host,
    path,
    query: new Map(),
    headers: { authorization: 'Bearer token' },
    body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
  });
  return { status, text: answered?.toString() ?? '' };
}

function peer(from: string, to: string) {
  return call('PUT', `${from}/virtualNetworkPeerings/peering`, {
    properties: { remoteVirtualNetwork: { id: to } },
  });
}

function endpointOf(resourceId: string, subresource: string): JsonObject {
  return {
    location: LOCATION,
    properties: {
      subnet: { id: `${SPOKE}/subnets/endpoints` },
      privateLinkServiceConnections: [
        { name: 'it', properties: { privateLinkServiceId: resourceId, groupIds: [subresource] } },
      ],
    },
  };
}

it('a vault without public access is reached over an endpoint, by a peered network that resolves its name', async () => {
  const secret = () => call('GET', '/secrets/pets', undefined, 'keys.vault.azure.net');
  azure.seed({ [ZONE]: { location: 'global' } });
  const steps = [
    () => call('PUT', ENDPOINT, endpointOf(VAULT, 'vault')),
    () =>
      call('PUT', `${ENDPOINT}/privateDnsZoneGroups/default`, {
        properties: { privateDnsZoneConfigs: [{ name: 'it', properties: { privateDnsZoneId: ZONE } }] },
      }),
    () =>
      call('PUT', `${ZONE}/virtualNetworkLinks/pipeline`, {
        location: 'global',
        properties: { virtualNetwork: { id: CALLER_NETWORK_ID } },
      }),
    () => peer(SPOKE, CALLER_NETWORK_ID),
    () => peer(CALLER_NETWORK_ID, SPOKE),
  ];
  for (const step of steps) {
    expect((await secret()).text).toContain('Public network access is disabled');
    expect((await step()).status).toBe(200);
  }
  expect((await secret()).text).not.toContain('Public network access is disabled');
});

it('an endpoint leads to a subresource of its resource', async () => {
  expect((await call('PUT', ENDPOINT, endpointOf(VAULT, 'blob'))).text).toContain(
    'PrivateEndpointInvalidGroupId',
  );
});

it('an endpoint of a registry, and a registry without public access, need the SKU Premium', async () => {
  azure.seed({ [REGISTRY]: { location: LOCATION, sku: { name: 'Standard' } } });
  expect((await call('PUT', ENDPOINT, endpointOf(REGISTRY, 'registry'))).text).toContain(
    'FeatureNotSupported',
  );
  const closed = {
    location: LOCATION,
    sku: { name: 'Standard' },
    properties: { publicNetworkAccess: 'Disabled' },
  };
  expect((await call('PUT', REGISTRY, closed)).text).toContain('FeatureNotSupported');
});

it('a registry without public access does not build on the shared agents', async () => {
  azure.seed({
    [REGISTRY]: {
      location: LOCATION,
      sku: { name: 'Premium' },
      properties: { publicNetworkAccess: 'Disabled' },
    },
    [`${REGISTRY}/tasks/build`]: { location: LOCATION, properties: {} },
  });
  const run = await call('POST', `${REGISTRY}/scheduleRun`, { taskId: `${REGISTRY}/tasks/build` });
  expect(run.text).toContain('the task has no agent pool that reaches the registry');
});

it.each([
  ['userAssignedNATGateway', 'has no natGateway'],
  ['userDefinedRouting', 'has no routeTable'],
  ['loadBalancer', 'must be given permission: Network Contributor'],
])(
  'a cluster with the outbound type %s is refused if its network does not fit',
  async (outboundType, problem) => {
    const cluster = `${GROUP}/providers/Microsoft.ContainerService/managedClusters/aks`;
    const { text } = await call('PUT', cluster, {
      location: LOCATION,
      properties: {
        networkProfile: { outboundType },
        agentPoolProfiles: [{ name: 'system', vnetSubnetID: `${SPOKE}/subnets/nodes` }],
      },
    });
    expect(text).toContain(problem);
  },
);
