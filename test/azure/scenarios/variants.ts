import type { Change, Inputs, Scenario } from '../scenario';
import type { AzureSimulator } from '../simulator/azure-simulator';
import { CALLER, SUBSCRIPTION_ID } from '../simulator/identity';
import { agreementId } from '../simulator/marketplace';
import { edit, undo } from './edits';
import {
  CERTIFICATE_VAULT,
  CERTIFICATE_VAULT_ID,
  certificateVariables,
  certificateWithKey,
  grantCaller,
  SSH_PUBLIC_KEY,
} from './prerequisites';

const GROUP = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/parts`;
const NETWORK_ID = `${GROUP}/providers/Microsoft.Network/virtualNetworks/hub`;
const FORMER_NETWORK_ID = `${GROUP}/providers/Microsoft.Network/virtualNetworks/former`;
const IMAGE_ID = `${GROUP}/providers/Microsoft.Compute/images/xrt`;
const STORAGE_ID = `${GROUP}/providers/Microsoft.Storage/storageAccounts/partsstorage`;
const REGISTRY_ID = `${GROUP}/providers/Microsoft.ContainerRegistry/registries/partsregistry`;
const INSIGHTS_ID = `${GROUP}/providers/Microsoft.Insights/components/parts`;
const WORKSPACE_ID = `${GROUP}/providers/Microsoft.MachineLearningServices/workspaces/existing`;

const ANOTHER_MODEL = edit('parts.ts', 'resize: 256', 'resize: 288');
const SERVED = ['kubernetes_deployment_v1'];
const MACHINES = ['azurerm_linux_virtual_machine_scale_set'];

/** What the examples leave out: the programs are in `stacks/`. */
export async function variantScenarios(): Promise<Scenario[]> {
  return [
    await aksCpu(),
    await aksAutoscaling(),
    await keyVault(),
    keysInVault(),
    await fpgaPair(),
    await existingParts(),
    await privateDns(),
    await providerAliases(),
    await onlineEndpoints(),
    blueGreen(),
  ];
}

async function aksCpu(): Promise<Scenario> {
  const file = 'aks-cpu.ts';
  const withoutTls = [
    edit(file, "ssl: certificate(this, 'scoring.example.com'),", '// no TLS'),
    edit(
      file,
      'zone, service, certificateAuthorities',
      "zone, service, recordName: '@', certificateAuthorities",
    ),
  ];
  return variant('aks-cpu', { variables: await certificateVariables() }, [
    { name: 'another model', edits: [ANOTHER_MODEL], updates: SERVED },
    { name: 'another certificate', variables: await certificateVariables(), updates: SERVED },
    {
      name: 'another key',
      edits: [edit(file, "primaryRotation: '1'", "primaryRotation: '2'")],
      updates: SERVED,
    },
    {
      name: 'more replicas',
      edits: [edit(file, 'compute: new AksCompute({\n', 'replicas: 3,\n      compute: new AksCompute({\n')],
      updates: SERVED,
      smokeTest: false,
    },
    { name: 'TLS off', edits: withoutTls, updates: [...SERVED, 'kubernetes_service_v1'], losesCalls: true },
    {
      name: 'TLS on',
      edits: withoutTls.map(undo),
      updates: [...SERVED, 'kubernetes_service_v1'],
      losesCalls: true,
    },
  ]);
}

function aksAutoscaling(): Promise<Scenario> {
  const file = 'aks-autoscaling.ts';
  return Promise.resolve(
    variant('aks-autoscaling', {}, [
      {
        name: 'more replicas at most',
        edits: [edit(file, 'maxReplicas: 3', 'maxReplicas: 4')],
        // As many replicas as nodes: no pod can start beside the old ones anymore.
        updates: ['kubernetes_horizontal_pod_autoscaler_v2', ...SERVED],
        smokeTest: false,
      },
      {
        name: 'more nodes at most',
        edits: [edit(file, 'maxNodeCount: 4', 'maxNodeCount: 5')],
        updates: ['azurerm_kubernetes_cluster_node_pool', ...SERVED],
        smokeTest: false,
      },
      { name: 'another model', edits: [ANOTHER_MODEL], updates: SERVED },
    ]),
  );
}

async function keyVault(): Promise<Scenario> {
  const renewed = await certificateWithKey();
  return {
    ...variant('key-vault', { variables: { key_vault_id: CERTIFICATE_VAULT_ID } }, [
      {
        name: 'another key in the vault',
        inAzure: ({ vaults }) => {
          vaults.setSecret(CERTIFICATE_VAULT, 'primary', 'second-primary-key-of-the-vault-0123456789');
        },
        updates: SERVED,
      },
      {
        name: 'a renewed certificate',
        inAzure: ({ vaults }) => {
          vaults.setCertificate(CERTIFICATE_VAULT, 'scoring', renewed);
        },
        updates: [...SERVED, 'azapi_resource'],
      },
    ]),
    prepare: addKeys,
    keepsSecretsOut: true,
  };
}

function keysInVault(): Scenario {
  const file = 'key-vault.ts';
  return {
    ...variant('keys-in-vault', { variables: { key_vault_id: CERTIFICATE_VAULT_ID } }, [
      {
        name: 'another primary key',
        edits: [edit(file, 'primaryRotation: 1', 'primaryRotation: 2')],
        updates: [...SERVED, 'azurerm_key_vault_secret'],
      },
    ]),
    prepare: (azure) => {
      grantCaller(azure, CERTIFICATE_VAULT_ID, 'Key Vault Secrets Officer');
    },
    keepsSecretsOut: true,
  };
}

async function fpgaPair(): Promise<Scenario> {
  const file = 'fpga-pair.ts';
  const tls = edit(file, "ssl: certificate(this, 'scoring.example.com'),", '// no TLS');
  const inputs = {
    variables: {
      ...(await certificateVariables()),
      ssh_public_key: SSH_PUBLIC_KEY,
      machine_image_id: IMAGE_ID,
      subnet_id: `${NETWORK_ID}/subnets/machines`,
    },
  };
  return {
    ...variant('fpga-pair', inputs, [
      { name: 'another certificate', variables: await certificateVariables(), updates: MACHINES },
      {
        name: 'another key',
        edits: [edit(file, "primaryRotation: '1'", "primaryRotation: '2'")],
        updates: MACHINES,
      },
      { name: 'another model', edits: [ANOTHER_MODEL], updates: MACHINES },
      {
        name: 'more replicas',
        edits: [edit(file, 'replicas: 2', 'replicas: 3')],
        updates: MACHINES,
        smokeTest: false,
      },
      { name: 'TLS off', edits: [tls], updates: MACHINES, losesCalls: true },
      { name: 'TLS on', edits: [undo(tls)], updates: MACHINES, losesCalls: true },
    ]),
    prepare: addMachineParts,
  };
}

async function existingParts(): Promise<Scenario> {
  const inputs = { variables: { ...(await certificateVariables()), workspace_id: WORKSPACE_ID } };
  return {
    ...variant('existing-parts', inputs, [
      { name: 'another model', edits: [ANOTHER_MODEL], updates: SERVED },
      { name: 'another certificate', variables: await certificateVariables(), updates: SERVED },
    ]),
    prepare: (azure) => {
      addMachineParts(azure);
      addWorkspaceParts(azure);
      addWorkspace(azure);
      addCluster(azure);
    },
  };
}

function privateDns(): Promise<Scenario> {
  const inputs = {
    variables: {
      key_vault_id: CERTIFICATE_VAULT_ID,
      ssh_public_key: SSH_PUBLIC_KEY,
      network_id: NETWORK_ID,
      former_network_id: FORMER_NETWORK_ID,
      storage_account_id: STORAGE_ID,
      registry_id: REGISTRY_ID,
      application_insights_id: INSIGHTS_ID,
    },
  };
  return Promise.resolve({
    ...variant('private-dns', inputs, [
      {
        name: 'another key in the vault',
        inAzure: ({ vaults }) => {
          vaults.setSecret(CERTIFICATE_VAULT, 'primary', 'second-primary-key-of-the-vault-0123456789');
        },
        updates: MACHINES,
      },
      // It has one machine.
      { name: 'another model', edits: [ANOTHER_MODEL], updates: MACHINES, losesCalls: true },
      {
        name: 'a network less',
        edits: [edit('private-dns.ts', "variable('former_network_id'), ", '')],
        changesService: false,
        smokeTest: false,
      },
    ]),
    prepare: (azure) => {
      addKeys(azure);
      addMachineParts(azure);
      addWorkspaceParts(azure);
      azure.seed({
        [FORMER_NETWORK_ID]: { location: 'westeurope' },
        [agreementId({
          subscriptionId: SUBSCRIPTION_ID,
          publisher: 'xilinx',
          offer: 'vitis2022_1_ubuntu2004_development_image',
          plan: 'vitis2022_1_ubuntu2004',
        })]: { properties: { accepted: true } },
      });
    },
  });
}

async function providerAliases(): Promise<Scenario> {
  return variant('provider-aliases', { variables: await certificateVariables() }, [
    { name: 'another model', edits: [ANOTHER_MODEL], updates: SERVED },
    { name: 'another certificate', variables: await certificateVariables(), updates: SERVED },
  ]);
}

function onlineEndpoints(): Promise<Scenario> {
  const file = 'online-endpoints.ts';
  const blue = edit(file, 'deployment: blue, percent: 90', 'deployment: blue, percent: 20');
  const green = edit(file, 'deployment: green, percent: 10', 'deployment: green, percent: 80');
  return Promise.resolve(
    variant('online-endpoints', {}, [
      {
        name: 'more requests to green',
        edits: [blue, green],
        updates: ['azapi_update_resource'],
        smokeTest: false,
      },
      {
        name: 'more replicas at most',
        edits: [edit(file, 'maxReplicas: 3', 'maxReplicas: 4')],
        updates: ['azapi_resource'],
        smokeTest: false,
      },
      {
        name: 'another model',
        edits: [ANOTHER_MODEL],
        updates: ['azapi_resource'],
        smokeTest: false,
      },
    ]),
  );
}

function blueGreen(): Scenario {
  const file = 'blue-green.ts';
  return variant('blue-green', {}, [
    {
      name: 'all requests to green',
      edits: [edit(file, 'blue: 90, green: 10', 'blue: 0, green: 100')],
      updates: ['azapi_update_resource'],
      smokeTest: false,
    },
    {
      name: 'without blue',
      edits: [edit(file, "serve('blue', '1'), ", '')],
      updates: ['azapi_update_resource'],
      smokeTest: false,
      mayReplace: ['azapi_resource'],
    },
  ]);
}

function variant(name: string, { env = {}, variables = {} }: Inputs, changes: readonly Change[]): Scenario {
  return {
    name,
    program: { folder: 'test/azure/stacks' },
    stacks: [name],
    env: { ...env, VARIANT: name },
    variables,
    changes,
  };
}

function addKeys(azure: AzureSimulator): void {
  grantCaller(azure, CERTIFICATE_VAULT_ID, 'Key Vault Secrets User');
  for (const name of ['primary', 'secondary']) {
    azure.vaults.setSecret(CERTIFICATE_VAULT, name, `first-${name}-key-of-the-vault-0123456789`);
  }
}

/** A network and an image for machines. */
function addMachineParts(azure: AzureSimulator): void {
  azure.seed({
    [GROUP]: { location: 'westeurope' },
    [NETWORK_ID]: {
      location: 'westeurope',
      properties: {
        addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
        subnets: [{ name: 'machines', properties: { addressPrefix: '10.0.1.0/24' } }],
      },
    },
    [IMAGE_ID]: { location: 'westeurope' },
  });
}

function addWorkspaceParts(azure: AzureSimulator): void {
  azure.seed({
    [STORAGE_ID]: { location: 'westeurope', sku: { name: 'Standard_LRS' }, kind: 'StorageV2' },
    [REGISTRY_ID]: { location: 'westeurope', sku: { name: 'Standard' } },
    [INSIGHTS_ID]: {
      location: 'westeurope',
      kind: 'web',
      properties: { Application_Type: 'web' },
    },
  });
}

function addWorkspace(azure: AzureSimulator): void {
  azure.seed({
    [WORKSPACE_ID]: {
      location: 'westeurope',
      identity: { type: 'SystemAssigned' },
      properties: {
        storageAccount: STORAGE_ID,
        keyVault: CERTIFICATE_VAULT_ID,
        applicationInsights: INSIGHTS_ID,
        containerRegistry: REGISTRY_ID,
        tenantId: CALLER.tenantId,
      },
    },
  });
}

/** A cluster, and an address for a service on it. */
function addCluster(azure: AzureSimulator): void {
  azure.seed({
    [`${GROUP}/providers/Microsoft.ContainerService/managedClusters/existing`]: {
      location: 'westeurope',
      identity: { type: 'SystemAssigned' },
      properties: {
        dnsPrefix: 'existing',
        agentPoolProfiles: [
          { name: 'system', count: 1, vmSize: 'Standard_D2s_v5', mode: 'System' },
          { name: 'scoring', count: 2, vmSize: 'Standard_D4s_v5', mode: 'User' },
        ],
      },
    },
    [`${GROUP}/providers/Microsoft.Network/publicIPAddresses/scoring`]: {
      location: 'westeurope',
      sku: { name: 'Standard' },
      properties: { publicIPAllocationMethod: 'Static' },
    },
  });
}
