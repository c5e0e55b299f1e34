import path from 'node:path';

import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { App, AzurermBackend, TerraformOutput, TerraformStack } from 'cdktf';
import {
  AzapiProvider,
  BrainwaveModel,
  BrainwaveWebservice,
  ContainerAppsCompute,
  ContainerAppsEnvironment,
  DnsRecords,
  DnsZone,
  RegisteredModel,
  Sample,
  ServiceDefinition,
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
const stack = new TerraformStack(app, 'container-apps');
new AzurermBackend(stack, {
  resourceGroupName: 'terraform-state',
  storageAccountName: stateAccount,
  containerName: 'tfstate',
  key: 'cdktf-brainwave-container-apps.tfstate',
  useAzureadAuth: true,
});
new AzurermProvider(stack, 'azurerm', {
  // azurerm does not register it by default.
  resourceProvidersToRegister: ['Microsoft.App'],
  features: [{ resourceGroup: [{ preventDeletionIfContainsResources: false }] }],
  // Write files with your role on the storage account, whose keys are disabled.
  storageUseAzuread: true,
});
new AzapiProvider(stack, 'azapi');

// The same as in the quickstart.
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

const workspace = new Workspace(stack, 'Workspace', { location });
const model = new RegisteredModel(stack, 'Model', {
  workspace,
  name: 'efficientnet-lite0',
  serviceDefinition,
});

const environment = new ContainerAppsEnvironment(stack, 'Environment', { workspace });
const service = new BrainwaveWebservice(stack, 'Service', {
  model,
  // Azure issues the certificate once the DNS records below exist, and renews it.
  ssl: SslSettings.managed({ hostname: `scoring.${domain}` }),
  compute: new ContainerAppsCompute({
    environment,
    scaling: { minReplicas: 0, maxReplicas: 5, concurrentRequests: 8 },
  }),
});

const zone = DnsZone.fromDnsZoneAttributes(stack, 'Zone', { zoneName: domain, resourceGroupName: 'dns' });
new DnsRecords(stack, 'Dns', { zone, service });
new SmokeTest(stack, 'SmokeTest', {
  service,
  samples: [Sample.image(path.join(quickstart, 'images/chelsea.png'))],
  expect: { label: 'tiger cat', minimumProbability: 0.3 },
});

service.addOutputs();
new TerraformOutput(stack, 'primary_key', { value: service.primaryKey, sensitive: true });

app.synth();
