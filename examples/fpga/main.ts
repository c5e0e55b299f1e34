import path from 'node:path';

import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { App, AzurermBackend, TerraformStack, TerraformVariable } from 'cdktf';
import {
  ApiKeys,
  AzapiProvider,
  BrainwaveModel,
  BrainwaveWebservice,
  DnsRecords,
  DnsZone,
  FpgaCompute,
  RegisteredModel,
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
const location = process.env.SCORING_LOCATION ?? 'westeurope';
const acceleratorImage =
  process.env.SCORING_ACCELERATOR_IMAGE ?? 'example.azurecr.io/efficientnet-lite0-u250:1';

const app = new App();
const stack = new TerraformStack(app, 'fpga');
new AzurermBackend(stack, {
  resourceGroupName: 'terraform-state',
  storageAccountName: stateAccount,
  containerName: 'tfstate',
  key: 'cdktf-brainwave-fpga.tfstate',
  useAzureadAuth: true,
});
// Application Insights creates an action group in the workspace's resource group that Terraform does not manage;
// without this setting, destroy refuses to delete the group.
new AzurermProvider(stack, 'azurerm', {
  features: [{ resourceGroup: [{ preventDeletionIfContainsResources: false }] }],
  // Write files with your role on the storage account, whose keys are disabled.
  storageUseAzuread: true,
});
new AzapiProvider(stack, 'azapi');

// The same as in the quickstart, except that an FPGA computes the features.
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

// The machines read the certificate and its renewals from the vault, so its key never reaches Terraform.
const variable = (name: string, description: string) =>
  new TerraformVariable(stack, name, { type: 'string', nullable: false, description });
const ssl = SslSettings.fromKeyVaultCertificate({
  keyVaultId: variable('key_vault_id', 'ARM id of the key vault that contains the certificate').stringValue,
  certificateName: 'scoring',
  hostname: `scoring.${domain}`,
});

// Set TF_VAR_primary_key and TF_VAR_secondary_key. The keys are neither in the state nor in a file of this folder.
const secret = (name: string) =>
  new TerraformVariable(stack, name, { type: 'string', nullable: false, sensitive: true });
const keys = ApiKeys.fromVariables({
  primaryKey: secret('primary_key'),
  secondaryKey: secret('secondary_key'),
});

const service = new BrainwaveWebservice(stack, 'Service', {
  model,
  ssl,
  keys,
  compute: new FpgaCompute({
    accelerator: { image: acceleratorImage },
    sshPublicKey: variable('ssh_public_key', 'content of a file such as ~/.ssh/id_ed25519.pub').stringValue,
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

app.synth();
