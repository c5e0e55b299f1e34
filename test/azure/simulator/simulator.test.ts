import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { request as httpRequest } from 'node:http';

import { afterwards } from '../../support/cleanup';
import { issueCertificate } from '../../support/certificates';
import { AzureSimulator, type AzureSimulatorOptions } from './azure-simulator';
import { CALLER, SUBSCRIPTION_ID } from './identity';
import { textOf, type Json, type JsonObject } from './json';
import { BUILT_IN_ROLES } from './roles';

const SUBSCRIPTION = `/subscriptions/${SUBSCRIPTION_ID}`;
const GROUP = `${SUBSCRIPTION}/resourceGroups/scoring`;
const NETWORK = `${GROUP}/providers/Microsoft.Network`;
const ACCOUNT = `${GROUP}/providers/Microsoft.Storage/storageAccounts/models`;
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/keys`;

interface Answer {
  readonly status: number;
  readonly body: JsonObject;
  readonly code?: Json;
}

async function start(options?: AzureSimulatorOptions): Promise<AzureSimulator> {
  const azure = await AzureSimulator.start(options);
  afterwards(() => azure.close());
  azure.seed({ [GROUP]: { location: 'westeurope' } });
  return azure;
}

/** Calls the simulator as the proxy does. */
async function call(
  azure: AzureSimulator,
  method: string,
  url: string,
  body?: JsonObject,
  headers: Record<string, string> = { authorization: 'Bearer token' },
): Promise<Answer> {
  const { host, pathname, searchParams } = new URL(url, 'https://management.azure.com');
  const { status, body: answered } = await azure.handle({
    method,
    host,
    path: decodeURIComponent(pathname),
    query: new Map(searchParams),
    headers,
    body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
  });
  const text = answered?.toString() ?? '';
  const value = text.startsWith('{') ? (JSON.parse(text) as JsonObject) : {};
  return { status, body: value, code: (value.error as JsonObject | undefined)?.code };
}

function grant(azure: AzureSimulator, scope: string, role: string, principalId: string = CALLER.objectId) {
  return call(azure, 'PUT', `${scope}/providers/Microsoft.Authorization/roleAssignments/${role}`, {
    properties: {
      principalId,
      roleDefinitionId: `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${BUILT_IN_ROLES[role]}`,
    },
  });
}

describe('resources', () => {
  it('are rejected in a resource group that does not exist', async () => {
    const azure = await start();
    const id = `${SUBSCRIPTION}/resourceGroups/none/providers/Microsoft.Network/virtualNetworks/net`;
    expect(await call(azure, 'PUT', id, {})).toMatchObject({ status: 404, code: 'ResourceGroupNotFound' });
  });

  it('are rejected below a parent that does not exist', async () => {
    const azure = await start();
    const id = `${GROUP}/providers/Microsoft.MachineLearningServices/workspaces/none/models/pets`;
    expect(await call(azure, 'PUT', id, {})).toMatchObject({ status: 404, code: 'ParentResourceNotFound' });
  });

  it('are rejected if they refer to one that does not exist', async () => {
    const azure = await start();
    const frontend = {
      name: 'public',
      properties: { publicIPAddress: { id: `${NETWORK}/publicIPAddresses/none` } },
    };
    const balancer = { properties: { frontendIPConfigurations: [frontend] } };
    expect(await call(azure, 'PUT', `${NETWORK}/loadBalancers/balancer`, balancer)).toMatchObject({
      status: 400,
      code: 'InvalidResourceReference',
    });
  });

  it('are rejected if their resource provider is not registered', async () => {
    const id = `${GROUP}/providers/Microsoft.App/managedEnvironments/apps`;
    const azure = await start();
    expect(await call(azure, 'PUT', id, { location: 'westeurope' })).toMatchObject({
      status: 409,
      code: 'MissingSubscriptionRegistration',
    });
    // azurerm registers those alone that the list has.
    expect((await call(azure, 'GET', `${SUBSCRIPTION}/providers`)).body.value).toContainEqual({
      namespace: 'Microsoft.App',
      registrationState: 'NotRegistered',
      resourceTypes: [],
    });
    await call(azure, 'POST', `${SUBSCRIPTION}/providers/Microsoft.App/register`);
    expect(await call(azure, 'PUT', id, { location: 'westeurope' })).toMatchObject({ status: 200 });
  });

  it('are not deleted while a network uses them', async () => {
    const azure = await start();
    const address = `${NETWORK}/publicIPAddresses/address`;
    azure.seed({
      [address]: { location: 'westeurope', sku: { name: 'Standard' } },
      [`${NETWORK}/loadBalancers/balancer`]: {
        properties: {
          frontendIPConfigurations: [{ name: 'public', properties: { publicIPAddress: { id: address } } }],
        },
      },
    });
    expect(await call(azure, 'DELETE', address)).toMatchObject({ status: 400, code: 'InUse' });
    expect(await call(azure, 'DELETE', `${NETWORK}/loadBalancers/balancer`)).toMatchObject({ status: 200 });
    expect(await call(azure, 'DELETE', address)).toMatchObject({ status: 200 });
  });

  it('are links of a private zone, one for each network', async () => {
    const azure = await start();
    const zone = `${NETWORK}/privateDnsZones/example.internal`;
    const network = { virtualNetwork: { id: `${NETWORK}/virtualNetworks/net` } };
    azure.seed({
      [network.virtualNetwork.id]: { location: 'westeurope' },
      [zone]: { location: 'global' },
      [`${zone}/virtualNetworkLinks/first`]: { location: 'global', properties: network },
    });
    const link = (name: string) =>
      call(azure, 'PUT', `${zone}/virtualNetworkLinks/${name}`, { properties: network });
    expect(await link('second')).toMatchObject({ status: 409, code: 'Conflict' });
    expect(await link('first')).toMatchObject({ status: 200 });
  });

  it('include a resource group for the infrastructure of container apps in a network of the user', async () => {
    const azure = await start();
    const id = `${GROUP}/providers/Microsoft.App/managedEnvironments/apps`;
    const infrastructureSubnetId = `${NETWORK}/virtualNetworks/net/subnets/apps`;
    await call(azure, 'POST', `${SUBSCRIPTION}/providers/Microsoft.App/register`);
    azure.seed({
      [`${NETWORK}/virtualNetworks/net`]: {
        location: 'westeurope',
        properties: { subnets: [{ name: 'apps' }] },
      },
    });
    const group = `${SUBSCRIPTION}/resourceGroups/ME_apps_scoring_westeurope`;
    await call(azure, 'PUT', id, {
      location: 'westeurope',
      properties: { vnetConfiguration: { infrastructureSubnetId } },
    });
    expect((await call(azure, 'GET', id)).body).toMatchObject({
      properties: { infrastructureResourceGroup: 'ME_apps_scoring_westeurope' },
    });
    expect(await call(azure, 'GET', group)).toMatchObject({ status: 200 });
    await call(azure, 'DELETE', id);
    expect(await call(azure, 'GET', group)).toMatchObject({ status: 404 });
  });

  it('are children with ids of their own, in a property of their parent', async () => {
    const azure = await start();
    azure.seed({ [`${NETWORK}/virtualNetworks/net`]: { location: 'westeurope' } });
    const subnet = `${NETWORK}/virtualNetworks/net/subnets/machines`;
    await call(azure, 'PUT', subnet, { properties: { addressPrefix: '10.0.0.0/24' } });
    expect(await call(azure, 'GET', subnet)).toMatchObject({ status: 200, body: { id: subnet } });
    expect((await call(azure, 'GET', `${NETWORK}/virtualNetworks/net`)).body).toMatchObject({
      properties: { subnets: [{ name: 'machines' }] },
    });
    await call(azure, 'DELETE', subnet);
    expect(await call(azure, 'GET', subnet)).toMatchObject({ status: 404 });
  });

  it('of a type that is not simulated are named, and are not mistaken for a refusal of Azure', async () => {
    const azure = await start();
    const id = `${GROUP}/providers/Microsoft.Network/bastionHosts/gateway`;
    expect(await call(azure, 'PUT', id, {})).toMatchObject({ status: 501 });
    expect(azure.unanswered).toEqual([expect.stringContaining('Microsoft.Network/bastionHosts')]);
  });

  it('go with their resource group, and so do their blobs', async () => {
    const azure = await start();
    const before = [...azure.contents.keys()];
    azure.seed({ [ACCOUNT]: { location: 'westeurope', sku: { name: 'Standard_LRS' } } });
    expect(azure.contents.size).toBeGreaterThan(before.length);
    await call(azure, 'DELETE', GROUP);
    expect([...azure.contents.keys()]).toEqual([]);
  });
});

describe('Application Insights', () => {
  it('creates an action group that remains after it is deleted', async () => {
    const azure = await start();
    const component = `${GROUP}/providers/Microsoft.Insights/components/insights`;
    await call(azure, 'PUT', component, { location: 'westeurope' });
    await call(azure, 'DELETE', component);
    const { body } = await call(azure, 'GET', `${GROUP}/resources`);
    expect(body.value).toEqual([expect.objectContaining({ name: 'Application Insights Smart Detection' })]);
  });
});

describe('roles', () => {
  it('are found by the name of a built-in role', async () => {
    const azure = await start();
    const definitions = `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions?$filter=`;
    const found = async (name: string) =>
      (await call(azure, 'GET', `${definitions}roleName eq '${name}'`)).body.value;
    expect(await found('AcrPull')).toHaveLength(1);
    expect(await found('AcrPuller')).toEqual([]);
  });

  it('are assigned only to existing principals, and only once', async () => {
    const azure = await start();
    expect(await grant(azure, GROUP, 'Reader', 'nobody')).toMatchObject({ code: 'PrincipalNotFound' });
    expect(await grant(azure, GROUP, 'Reader')).toMatchObject({ status: 200 });
    const again = `${GROUP}/providers/Microsoft.Authorization/roleAssignments/again`;
    const { body } = await call(
      azure,
      'GET',
      `${GROUP}/providers/Microsoft.Authorization/roleAssignments/Reader`,
    );
    expect(await call(azure, 'PUT', again, { properties: body.properties })).toMatchObject({
      status: 409,
      code: 'RoleAssignmentExists',
    });
  });

  it('are assigned to the identity of a resource', async () => {
    const azure = await start();
    const id = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/machine`;
    const { body } = await call(azure, 'PUT', id, { location: 'westeurope' });
    const { principalId } = body.properties as { principalId: string };
    expect(await grant(azure, GROUP, 'AcrPull', principalId)).toMatchObject({ status: 200 });
  });
});

describe('Marketplace images', () => {
  it('need accepted terms', async () => {
    const azure = await start();
    const id = `${GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/machines`;
    const machines = {
      sku: { name: 'Standard_NP10s' },
      plan: { publisher: 'xilinx', product: 'vitis', name: '2022' },
    };
    expect(await call(azure, 'PUT', id, machines)).toMatchObject({
      status: 400,
      code: 'MarketplacePurchaseEligibilityFailed',
    });
    const terms = `${SUBSCRIPTION}/providers/Microsoft.MarketplaceOrdering/agreements/xilinx/offers/vitis/plans/2022`;
    await call(azure, 'POST', `${terms}/sign`);
    expect(await call(azure, 'PUT', id, machines)).toMatchObject({ status: 200 });
    await call(azure, 'POST', `${terms}/cancel`);
    expect(await call(azure, 'PUT', id, machines)).toMatchObject({ status: 400 });
  });
});

describe('blob storage', () => {
  const blob = 'https://models.blob.core.windows.net/tfstate/model.zip';
  const container = `${ACCOUNT}/blobServices/default/containers/tfstate`;

  async function startWithContainer(): Promise<AzureSimulator> {
    const azure = await start();
    azure.seed({
      [ACCOUNT]: {
        location: 'westeurope',
        sku: { name: 'Standard_LRS' },
        properties: { allowSharedKeyAccess: false },
      },
      [container]: {},
    });
    return azure;
  }

  it('rejects a caller without a role on the data', async () => {
    const azure = await startWithContainer();
    expect(await call(azure, 'PUT', blob, {})).toMatchObject({ status: 403 });
    await grant(azure, ACCOUNT, 'Storage Blob Data Reader');
    expect(await call(azure, 'PUT', blob, {})).toMatchObject({ status: 403 });
    expect(await call(azure, 'GET', blob)).toMatchObject({ status: 404 });
    await grant(azure, GROUP, 'Storage Blob Data Contributor');
    expect(await call(azure, 'PUT', blob, { version: 1 })).toMatchObject({ status: 201 });
    expect(await call(azure, 'GET', blob)).toMatchObject({ status: 200, body: { version: 1 } });
  });

  it('rejects keys if the account does', async () => {
    const azure = await startWithContainer();
    const headers = { authorization: 'SharedKey models:signature' };
    expect(await call(azure, 'GET', blob, undefined, headers)).toMatchObject({ status: 403 });
  });

  it('allows only one caller at a time to lease a blob', async () => {
    const azure = await startWithContainer();
    await grant(azure, ACCOUNT, 'Storage Blob Data Contributor');
    await call(azure, 'PUT', blob, {});
    const lease = (action: string) =>
      call(azure, 'PUT', `${blob}?comp=lease`, undefined, {
        authorization: 'Bearer token',
        'x-ms-lease-action': action,
      });
    expect(await lease('acquire')).toMatchObject({ status: 201 });
    expect(await lease('acquire')).toMatchObject({ status: 409 });
    await lease('release');
    expect(await lease('acquire')).toMatchObject({ status: 201 });
  });

  it('forgets the blobs of a container that is deleted', async () => {
    const azure = await startWithContainer();
    await grant(azure, ACCOUNT, 'Storage Blob Data Contributor');
    await call(azure, 'PUT', blob, {});
    expect([...azure.blobs.contents.keys()]).toEqual(['models/tfstate/model.zip']);
    await call(azure, 'DELETE', container);
    expect([...azure.blobs.contents.keys()]).toEqual([]);
  });
});

describe('Key Vault', () => {
  const secret = 'https://keys.vault.azure.net/secrets/primary';

  async function startWithVault(properties: JsonObject): Promise<AzureSimulator> {
    const azure = await start();
    azure.seed({ [VAULT]: { location: 'westeurope', properties } });
    return azure;
  }

  it('shows the version of a secret to Resource Manager, but not its value', async () => {
    const azure = await startWithVault({});
    azure.vaults.setSecret('keys', 'primary', 'first');
    const before = await call(azure, 'GET', `${VAULT}/secrets/primary`);
    azure.vaults.setSecret('keys', 'primary', 'second');
    const after = await call(azure, 'GET', `${VAULT}/secrets/primary`);
    expect(before.body.properties).toMatchObject({
      secretUriWithVersion: expect.stringMatching(
        /^https:\/\/keys\.vault\.azure\.net\/secrets\/primary\/\w{32}$/,
      ) as string,
    });
    expect(after.body.properties).not.toEqual(before.body.properties);
    expect(JSON.stringify([before, after])).not.toMatch(/first|second/);
    expect(await call(azure, 'GET', `${VAULT}/secrets/none`)).toMatchObject({ status: 404 });
    expect(azure.vaults.confidential).toEqual(['first', 'second']);
  });

  it('rejects a caller without a role', async () => {
    const azure = await startWithVault({ enableRbacAuthorization: true });
    expect(await call(azure, 'PUT', secret, { value: 'key' })).toMatchObject({ status: 403 });
    await grant(azure, VAULT, 'Key Vault Secrets User');
    expect(await call(azure, 'PUT', secret, { value: 'key' })).toMatchObject({ status: 403 });
    expect(await call(azure, 'GET', secret)).toMatchObject({ status: 404 });
    await grant(azure, VAULT, 'Key Vault Secrets Officer');
    expect(await call(azure, 'PUT', secret, { value: 'key' })).toMatchObject({ status: 200 });
  });

  it('keeps the versions of a secret', async () => {
    const azure = await startWithVault({});
    const { body } = await call(azure, 'PUT', secret, { value: 'first' });
    await call(azure, 'PUT', secret, { value: 'second' });
    expect((await call(azure, 'GET', textOf(body.id))).body.value).toBe('first');
    expect((await call(azure, 'GET', secret)).body.value).toBe('second');
  });

  it('keeps the name of a deleted secret until it is recovered or purged', async () => {
    const azure = await startWithVault({});
    await call(azure, 'PUT', secret, { value: 'key' });
    await call(azure, 'DELETE', secret);
    expect(await call(azure, 'PUT', secret, { value: 'key' })).toMatchObject({ status: 409 });
    await call(azure, 'DELETE', 'https://keys.vault.azure.net/deletedsecrets/primary');
    expect(await call(azure, 'PUT', secret, { value: 'key' })).toMatchObject({ status: 200 });
  });

  it('purges nothing that purge protection protects', async () => {
    const azure = await startWithVault({ enablePurgeProtection: true });
    await call(azure, 'PUT', secret, { value: 'key' });
    await call(azure, 'DELETE', secret);
    const deleted = 'https://keys.vault.azure.net/deletedsecrets/primary';
    expect(await call(azure, 'DELETE', deleted)).toMatchObject({ status: 403 });
    await call(azure, 'DELETE', VAULT);
    const purge = `${SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/keys/purge`;
    expect(await call(azure, 'POST', purge)).toMatchObject({ status: 409, code: 'MethodNotAllowed' });
    expect(await call(azure, 'PUT', VAULT, { location: 'westeurope' })).toMatchObject({
      status: 409,
      code: 'ConflictError',
    });
  });

  it('shows the certificate in a secret that has one', async () => {
    const azure = await startWithVault({});
    const { certificate, privateKey } = await issueCertificate({ names: ['scoring.example.com'] });
    azure.vaults.setCertificate('keys', 'scoring', `${privateKey}${certificate}`);
    const { body } = await call(azure, 'GET', 'https://keys.vault.azure.net/certificates/scoring');
    expect(certificate.replace(/\s/g, '')).toContain(textOf(body.cer));
    expect(JSON.stringify(body)).not.toContain('PRIVATE KEY');
  });
});

describe('a machine learning workspace', () => {
  const workspace = `${GROUP}/providers/Microsoft.MachineLearningServices/workspaces/pets`;

  it('keeps its name when it is deleted, unless it is purged', async () => {
    const azure = await start();
    await call(azure, 'PUT', workspace, { location: 'westeurope' });
    await call(azure, 'DELETE', workspace);
    expect(await call(azure, 'PUT', workspace, { location: 'westeurope' })).toMatchObject({ status: 400 });
    expect([...azure.contents.keys()]).toContain(`deleted workspace ${workspace.toLowerCase()}`);
  });

  it('releases its name when it is purged', async () => {
    const azure = await start();
    await call(azure, 'PUT', workspace, { location: 'westeurope' });
    await call(azure, 'DELETE', `${workspace}?forcetopurge=true`);
    expect(await call(azure, 'PUT', workspace, { location: 'westeurope' })).toMatchObject({ status: 200 });
  });
});

describe('AKS', () => {
  const cluster = `${GROUP}/providers/Microsoft.ContainerService/managedClusters/cluster`;
  const body = (properties: JsonObject) => ({
    location: 'westeurope',
    identity: { type: 'SystemAssigned' },
    properties: { dnsPrefix: 'cluster', agentPoolProfiles: [{ name: 'system', count: 2 }], ...properties },
  });

  it('creates a resource group for its nodes, which is deleted with it', async () => {
    const azure = await start();
    const before = [...azure.contents.keys()];
    await call(azure, 'PUT', cluster, body({}));
    const nodes = `${SUBSCRIPTION}/resourceGroups/MC_scoring_cluster_westeurope`;
    expect(await call(azure, 'GET', nodes)).toMatchObject({ status: 200 });
    expect((await call(azure, 'GET', cluster)).body).toMatchObject({
      properties: {
        agentPoolProfiles: [{ name: 'system', count: 2 }],
        nodeResourceGroup: 'MC_scoring_cluster_westeurope',
      },
    });
    await call(azure, 'DELETE', cluster);
    expect([...azure.contents.keys()]).toEqual(before);
  });

  it('returns no administrator certificate if local accounts are disabled', async () => {
    const azure = await start();
    await call(azure, 'PUT', cluster, body({ disableLocalAccounts: true }));
    expect(await call(azure, 'POST', `${cluster}/listClusterAdminCredential`)).toMatchObject({ status: 400 });
    expect(await call(azure, 'POST', `${cluster}/listClusterUserCredential`)).toMatchObject({ status: 200 });
  });
});

describe('the proxy', () => {
  async function tunnel(azure: AzureSimulator, host: string): Promise<{ status?: number; text: string }> {
    const { HTTPS_PROXY = '' } = azure.environment('unused');
    const { hostname, port } = new URL(HTTPS_PROXY);
    const socket = connect(Number(port), hostname);
    socket.write(`CONNECT ${host}:443 HTTP/1.1\r\nHost: ${host}:443\r\n\r\n`);
    const [greeting] = (await once(socket, 'data')) as [Buffer];
    const status = Number(greeting.toString().split(' ')[1]);
    if (status !== 200) {
      socket.destroy();
      return { status, text: '' };
    }
    const tls = connectTls({ socket, servername: host, ca: azure.root });
    const request = httpRequest({ createConnection: () => tls, host, path: '/metadata/endpoints' });
    request.end();
    const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>];
    const chunks: Buffer[] = [];
    for await (const chunk of response) {
      chunks.push(chunk);
    }
    tls.destroy();
    return { status, text: Buffer.concat(chunks).toString() };
  }

  it("answers for Azure's hosts with a certificate that its root vouches for", async () => {
    const azure = await start();
    expect((await tunnel(azure, 'management.azure.com')).text).toContain('cloudEndpoint');
  });

  it('rejects all other hosts', async () => {
    const azure = await start();
    expect(await tunnel(azure, 'example.com')).toMatchObject({ status: 403 });
    expect(await tunnel(azure, 'vault.azure.net.example.com')).toMatchObject({ status: 403 });
  });
});
