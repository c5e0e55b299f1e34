import path from 'node:path';

import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { App, AzurermBackend, TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import {
  Accelerator,
  ActionGroup,
  AksCompute,
  AzapiProvider,
  BrainwaveModel,
  BrainwaveWebservice,
  DnsRecords,
  DnsZone,
  Environment,
  ManagedPrometheus,
  Monitoring,
  RegisteredModel,
  ScoringCluster,
  ServiceDefinition,
  Sample,
  SmokeTest,
  SoftwareModel,
  SslSettings,
  Stage,
  Workspace,
} from 'cdktf-brainwave';

const quickstart = path.join(__dirname, '../quickstart');
const models = path.join(quickstart, 'models');

// Your settings: state storage, domain and region. None of them is secret.
const stateAccount = process.env.STATE_STORAGE_ACCOUNT ?? 'examplestate';
const domain = process.env.SCORING_DOMAIN ?? 'example.com';
const location = process.env.SCORING_LOCATION ?? 'eastus';

const app = new App();
const stack = new TerraformStack(app, 'aks');
new AzurermBackend(stack, {
  resourceGroupName: 'terraform-state',
  storageAccountName: stateAccount,
  containerName: 'tfstate',
  key: 'cdktf-brainwave-aks.tfstate',
  useAzureadAuth: true,
});
// Application Insights creates an action group in the workspace's resource group that Terraform does not manage;
// without this setting, destroy refuses to delete the group.
new AzurermProvider(stack, 'azurerm', {
  // Of managed Prometheus and its alerts; azurerm does not register them by default.
  resourceProvidersToRegister: ['Microsoft.AlertsManagement', 'Microsoft.Monitor'],
  features: [{ resourceGroup: [{ preventDeletionIfContainsResources: false }] }],
  // Write files with your role on the storage account, whose keys are disabled.
  storageUseAzuread: true,
});
new AzapiProvider(stack, 'azapi');

// The same as in the quickstart, except that a GPU computes the features.
const serviceDefinition = new ServiceDefinition({
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
});

// For a stack to try out, Environment.development() costs less. For availability zones, set zones.
const environment = Environment.production();
const workspace = new Workspace(stack, 'Workspace', { location, environment });
const model = new RegisteredModel(stack, 'Model', {
  workspace,
  name: 'efficientnet-lite0',
  serviceDefinition,
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

const cluster = new ScoringCluster(stack, 'Cluster', {
  workspace,
  accelerator: Accelerator.gpu('Standard_NC4as_T4_v3'),
});
const service = new BrainwaveWebservice(stack, 'Service', {
  model,
  ssl,
  compute: new AksCompute({ cluster }),
});

const zone = DnsZone.fromDnsZoneAttributes(stack, 'Zone', { zoneName: domain, resourceGroupName: 'dns' });
new DnsRecords(stack, 'Dns', { zone, service });
new SmokeTest(stack, 'SmokeTest', {
  service,
  samples: [Sample.image(path.join(quickstart, 'images/chelsea.png'))],
  expect: { label: 'tiger cat', minimumProbability: 0.3 },
});

const { resourceGroupName } = cluster;
const monitoring = new Monitoring(stack, 'Monitoring', {
  service,
  latencyBudgetMs: 250,
  prometheus: new ManagedPrometheus(stack, 'Prometheus', { cluster }),
  actionGroups: [new ActionGroup(stack, 'OnCall', { resourceGroupName, emails: [`oncall@${domain}`] })],
});
monitoring.addOutputs();

service.addOutputs();
new TerraformOutput(stack, 'primary_key', { value: service.primaryKey, sensitive: true });

app.synth();
