import path from 'node:path';

import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { App, AzurermBackend, TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import {
  AksCompute,
  AzapiProvider,
  BrainwaveModel,
  BrainwaveWebservice,
  DnsRecords,
  DnsZone,
  Egress,
  Environment,
  Exposure,
  NetworkIsolation,
  PrivateNetwork,
  RegisteredModel,
  Sample,
  ScoringCluster,
  ServiceDefinition,
  SmokeTest,
  SoftwareModel,
  SslSettings,
  Stage,
  Workspace,
  ZoneVisibility,
} from 'cdktf-brainwave';

const quickstart = path.join(__dirname, '../quickstart');
const models = path.join(quickstart, 'models');

// Your settings. None of them is secret.
const stateAccount = process.env.STATE_STORAGE_ACCOUNT ?? 'examplestate';
const domain = process.env.SCORING_DOMAIN ?? 'example.com';
const location = process.env.SCORING_LOCATION ?? 'westeurope';
// The network of the machine that runs Terraform. It reaches the private endpoints and the API server.
const pipelineNetworkId =
  process.env.PIPELINE_NETWORK_ID ??
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/pipeline/providers/Microsoft.Network/virtualNetworks/pipeline';
// A firewall in a peered network, if all traffic to the internet must pass it.
const firewallAddress = process.env.FIREWALL_PRIVATE_IP;
// Subscriptions whose applications may connect over their own private endpoints.
const callers = (process.env.CALLER_SUBSCRIPTIONS ?? '').split(' ').filter(Boolean);

const app = new App();
const stack = new TerraformStack(app, 'private');
new AzurermBackend(stack, {
  resourceGroupName: 'terraform-state',
  storageAccountName: stateAccount,
  containerName: 'tfstate',
  key: 'cdktf-brainwave-private.tfstate',
  useAzureadAuth: true,
});
new AzurermProvider(stack, 'azurerm', {
  features: [
    {
      resourceGroup: [{ preventDeletionIfContainsResources: false }],
      // A new storage account has no public endpoints that azurerm could wait for.
      storage: [{ dataPlaneAvailable: false }],
    },
  ],
  storageUseAzuread: true,
});
new AzapiProvider(stack, 'azapi');

const network = new PrivateNetwork(stack, 'Network', {
  location,
  peerNetworkIds: [pipelineNetworkId],
  egress:
    firewallAddress === undefined
      ? Egress.natGateway()
      : Egress.firewall({ privateIpAddress: firewallAddress }),
});
const workspace = new Workspace(stack, 'Workspace', {
  location,
  environment: Environment.development({ diagnostics: true }),
  networkIsolation: NetworkIsolation.privateEndpoints({ network }),
});
const model = new RegisteredModel(stack, 'Model', {
  workspace,
  name: 'efficientnet-lite0',
  serviceDefinition: new ServiceDefinition({
    stages: [
      Stage.image({ resize: 256, crop: 224 }),
      Stage.brainwave({
        model: BrainwaveModel.custom('efficientnet-lite0', {
          inputSize: [224, 224, 3],
          outputTensorDims: [1, 1, 1, 1280],
        }),
        software: SoftwareModel.onnx({
          path: path.join(models, 'efficientnet-lite0/featurizer.onnx'),
          inputTensor: 'image',
          outputTensor: 'features',
        }),
      }),
      Stage.tensorflow({
        name: 'classifier',
        path: path.join(models, 'efficientnet-lite0/classifier.pb'),
        inputTensor: 'features:0',
        outputTensor: 'probabilities:0',
      }),
    ],
    labels: path.join(models, 'imagenet-labels.txt'),
  }),
});

// Set TF_VAR_certificate and TF_VAR_private_key. The private key is neither in the state nor in a file of this folder.
const secret = { type: 'string', sensitive: true, nullable: false };
const ssl = SslSettings.fromVariables({
  certificate: new TerraformVariable(stack, 'certificate', {
    ...secret,
    description: 'PEM: the server certificate, followed by the intermediate certificates',
  }),
  privateKey: new TerraformVariable(stack, 'private_key', {
    ...secret,
    description: 'PEM, without a passphrase',
  }),
  hostname: `scoring.${domain}`,
});

// Isolated as the workspace is: a private API server, and nodes in the network.
const cluster = new ScoringCluster(stack, 'Cluster', { workspace });
const service = new BrainwaveWebservice(stack, 'Service', {
  model,
  ssl,
  compute: new AksCompute({
    cluster,
    exposure: Exposure.internalLoadBalancer({
      privateLinkService: { name: 'scoring', visibleTo: callers, approvedSubscriptions: callers },
    }),
  }),
});

// Only the two networks resolve the name.
const zone = new DnsZone(stack, 'Zone', {
  zoneName: domain,
  resourceGroupName: network.resourceGroupName,
  visibility: ZoneVisibility.PRIVATE,
  virtualNetworkIds: [network.virtualNetworkId, pipelineNetworkId],
});
new DnsRecords(stack, 'Dns', { zone, service });
// Runs in the cluster, because the address is private.
new SmokeTest(stack, 'SmokeTest', {
  service,
  samples: [Sample.image(path.join(quickstart, 'images/chelsea.png'))],
  expect: { label: 'tiger cat', minimumProbability: 0.3 },
});

service.addOutputs();
new TerraformOutput(stack, 'primary_key', { value: service.primaryKey, sensitive: true });

app.synth();
