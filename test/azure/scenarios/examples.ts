import type { Change, Scenario } from '../scenario';
import { CALLER_NETWORK_ID } from '../simulator/identity';
import { edit, undo } from './edits';
import {
  CERTIFICATE_VAULT,
  CERTIFICATE_VAULT_ID,
  certificateVariables,
  certificateWithKey,
  SSH_PUBLIC_KEY,
} from './prerequisites';

const ANOTHER_MODEL = edit('main.ts', 'resize: 256', 'resize: 288');

/** Without a certificate, no host name says what the record is called. */
const NAMED_RECORD = edit(
  'main.ts',
  "new DnsRecords(stack, 'Dns', { zone, service });",
  "new DnsRecords(stack, 'Dns', { zone, service, recordName: 'scoring' });",
);

/** Every example for Azure, with the changes that its README lists. */
export async function exampleScenarios(): Promise<Scenario[]> {
  return [
    await aks(),
    containerApps(),
    managedEndpoint(),
    await gpu(),
    await fpga(),
    await composed(),
    await gitops(),
    await privateNetwork(),
  ];
}

async function aks(): Promise<Scenario> {
  const file = 'main.ts';
  const keys = edit(
    file,
    'compute: new AksCompute({ cluster }),',
    "keys: ApiKeys.generated({ primaryRotation: '2' }),\n  compute: new AksCompute({ cluster }),",
  );
  const importKeys = edit(file, '  AksCompute,\n', '  AksCompute,\n  ApiKeys,\n');
  const replicas = edit(
    file,
    'compute: new AksCompute({ cluster }),',
    'replicas: 2,\n  compute: new AksCompute({ cluster }),',
  );
  const nodes = edit(
    file,
    "accelerator: Accelerator.gpu('Standard_NC4as_T4_v3'),",
    "accelerator: Accelerator.gpu('Standard_NC4as_T4_v3'),\n  nodeCount: 2,",
  );
  const tls = [
    edit(file, '  ssl,\n', '  // no TLS\n'),
    NAMED_RECORD,
    edit(
      file,
      "new TerraformOutput(stack, 'primary_key', { value: service.primaryKey, sensitive: true });",
      '// no TLS, no keys',
    ),
  ];
  return {
    name: 'aks',
    program: { folder: 'examples/aks' },
    stacks: ['aks'],
    variables: await certificateVariables(),
    changes: [
      // The only pod has the only GPU.
      {
        name: 'another model',
        edits: [ANOTHER_MODEL],
        updates: ['kubernetes_deployment_v1'],
        losesCalls: true,
      },
      {
        name: 'another certificate',
        losesCalls: true,
        variables: await certificateVariables(),
        updates: ['kubernetes_deployment_v1'],
      },
      {
        name: 'another key',
        losesCalls: true,
        edits: [importKeys, keys],
        updates: ['kubernetes_deployment_v1'],
      },
      {
        name: 'more replicas',
        edits: [replicas, nodes],
        updates: ['kubernetes_deployment_v1', 'azurerm_kubernetes_cluster_node_pool'],
        smokeTest: false,
      },
      {
        name: 'TLS off',
        edits: tls,
        updates: ['kubernetes_deployment_v1', 'kubernetes_service_v1'],
        losesCalls: true,
      },
      {
        name: 'TLS on',
        losesCalls: true,
        edits: tls.map(undo),
        updates: ['kubernetes_deployment_v1', 'kubernetes_service_v1'],
      },
    ],
  };
}

function containerApps(): Scenario {
  const file = 'main.ts';
  const updates = ['azurerm_container_app'];
  const managed = 'ssl: SslSettings.managed({ hostname: `scoring.${domain}` }),';
  const ownName = edit(file, managed, 'ssl: SslSettings.managed(),');
  return {
    name: 'container-apps',
    program: { folder: 'examples/container-apps' },
    stacks: ['container-apps'],
    changes: [
      { name: 'another model', edits: [ANOTHER_MODEL], updates },
      {
        name: 'another key',
        edits: [
          edit(file, '  AzapiProvider,\n', '  ApiKeys,\n  AzapiProvider,\n'),
          edit(file, managed, `keys: ApiKeys.generated({ primaryRotation: '2' }),\n  ${managed}`),
        ],
        updates,
      },
      {
        name: 'more replicas',
        edits: [edit(file, 'minReplicas: 0, maxReplicas: 5', 'minReplicas: 1, maxReplicas: 8')],
        updates,
      },
      {
        name: "Azure's host name",
        edits: [ownName, NAMED_RECORD],
        losesCalls: true,
        // The managed certificate of the own host name.
        mayReplace: ['azapi_resource'],
      },
      // The app serves on under Azure's host name, too.
      { name: 'an own host name', edits: [ownName, NAMED_RECORD].map(undo), changesService: false },
    ],
  };
}

function managedEndpoint(): Scenario {
  const file = 'main.ts';
  return {
    name: 'managed-endpoint',
    program: { folder: 'examples/managed-endpoint' },
    stacks: ['managed-endpoint'],
    changes: [
      { name: 'another model', edits: [ANOTHER_MODEL], updates: ['azapi_resource'] },
      {
        name: 'larger machines',
        edits: [edit(file, "instanceType: 'Standard_F4s_v2'", "instanceType: 'Standard_F8s_v2'")],
        updates: ['azapi_resource'],
        smokeTest: false,
      },
    ],
  };
}

async function privateNetwork(): Promise<Scenario> {
  return {
    name: 'private',
    program: { folder: 'examples/private' },
    stacks: ['private'],
    env: { PIPELINE_NETWORK_ID: CALLER_NETWORK_ID },
    variables: await certificateVariables(),
    changes: [
      { name: 'another model', edits: [ANOTHER_MODEL], updates: ['kubernetes_deployment_v1'] },
      {
        name: 'callers in another subscription',
        env: { CALLER_SUBSCRIPTIONS: '44444444-4444-4444-4444-444444444444' },
        updates: ['kubernetes_service_v1'],
        smokeTest: false,
      },
    ],
  };
}

async function gpu(): Promise<Scenario> {
  return {
    name: 'gpu',
    program: { folder: 'examples/gpu', file: 'azure.ts' },
    stacks: ['gpu-azure'],
    variables: await certificateVariables(),
    changes: [
      {
        name: 'another entry script',
        edits: [edit('code/score.py', 'PIXELS = 784', 'PIXELS = 784  # 28 x 28')],
        updates: ['azapi_resource'],
      },
      {
        name: 'another environment',
        edits: [edit('environment/conda.yml', 'numpy==1.26.4', 'numpy==1.26.3')],
        updates: ['azapi_resource'],
      },
      {
        name: 'another certificate',
        variables: await certificateVariables(),
        updates: ['azapi_resource'],
        changesService: false,
      },
      {
        name: 'fewer replicas',
        edits: [edit('azure.ts', 'replicas: 3,', 'replicas: 2,')],
        updates: ['azapi_resource'],
        smokeTest: false,
      },
    ],
  };
}

async function fpga(): Promise<Scenario> {
  const renewed = await certificateWithKey();
  const file = 'main.ts';
  const replicas = edit(
    file,
    "new BrainwaveWebservice(stack, 'Service', {",
    "new BrainwaveWebservice(stack, 'Service', {\n  replicas: 2,",
  );
  const tls = [edit(file, '  ssl,\n  keys,\n', '  // no TLS\n'), NAMED_RECORD];
  const updates = ['azurerm_linux_virtual_machine_scale_set'];
  return {
    name: 'fpga',
    program: { folder: 'examples/fpga' },
    stacks: ['fpga'],
    variables: {
      key_vault_id: CERTIFICATE_VAULT_ID,
      ssh_public_key: SSH_PUBLIC_KEY,
      primary_key: 'first-primary-key-of-the-service-0123456789',
      secondary_key: 'first-secondary-key-of-the-service-0123456789',
    },
    // It has one machine.
    changes: [
      {
        name: 'a renewed certificate',
        inAzure: ({ vaults }) => {
          vaults.setCertificate(CERTIFICATE_VAULT, 'scoring', renewed);
        },
        changesNothing: true,
      },
      {
        name: 'another key',
        variables: { primary_key: 'second-primary-key-of-the-service-0123456789' },
        updates,
      },
      { name: 'another model', edits: [ANOTHER_MODEL], updates, losesCalls: true },
      {
        name: 'another accelerator image',
        env: { SCORING_ACCELERATOR_IMAGE: 'example.azurecr.io/efficientnet-lite0-u250:2' },
        updates,
        losesCalls: true,
      },
      { name: 'more replicas', edits: [replicas], updates },
      { name: 'TLS off', edits: tls, updates, losesCalls: true },
      { name: 'TLS on', edits: tls.map(undo), updates, losesCalls: true },
    ],
  };
}

async function composed(): Promise<Scenario> {
  const europe = await certificateWithKey();
  const updates = ['kubernetes_deployment_v1'];
  const compute = '      compute: new AksCompute({ cluster, image: this.image }),\n';
  const keys = edit(
    'services-stack.ts',
    compute,
    `${compute}      keys: ApiKeys.generated({ primaryRotation: '2' }),\n`,
  );
  return {
    name: 'composed',
    program: { folder: 'examples/composed' },
    stacks: ['platform', 'services', 'names', 'application'],
    env: { SCORING_CERTIFICATE_VAULT: CERTIFICATE_VAULT_ID },
    changes: [
      {
        name: 'another model',
        edits: [edit('service-definition.ts', 'resize: 256', 'resize: 288')],
        stacks: ['services', 'names'],
        updates: ['kubernetes_deployment_v1'],
      },
      {
        name: 'a renewed certificate',
        inAzure: ({ vaults }) => {
          vaults.setCertificate(CERTIFICATE_VAULT, 'scoring-europe', europe);
        },
        stacks: ['services', 'names'],
        updates,
      },
      {
        name: 'another key',
        edits: [edit('services-stack.ts', '  AksCompute,\n', '  AksCompute,\n  ApiKeys,\n'), keys],
        stacks: ['services', 'names', 'application'],
        updates: [...updates, 'azurerm_container_app'],
      },
    ],
  };
}

async function gitops(): Promise<Scenario> {
  const renewed = await certificateWithKey();
  // The only pod has the only GPU.
  const change: Partial<Change> = { updates: ['kubernetes_deployment_v1'], losesCalls: true };
  return {
    name: 'gitops',
    program: { folder: 'examples/gitops' },
    stacks: ['scoring'],
    env: { CERTIFICATE_VAULT_ID },
    changes: [
      {
        ...change,
        name: 'another model',
        edits: [edit('service-definition.ts', 'resize: 256', 'resize: 288')],
      },
      {
        ...change,
        name: 'a renewed certificate',
        inAzure: ({ vaults }) => {
          vaults.setCertificate(CERTIFICATE_VAULT, 'scoring', renewed);
        },
      },
      {
        ...change,
        name: 'the former model',
        edits: [edit('service-definition.ts', 'resize: 288', 'resize: 256')],
      },
    ],
  };
}
