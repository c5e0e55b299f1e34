import { readFileSync } from 'node:fs';
import path from 'node:path';

import { DnsARecord } from '@cdktf/provider-azurerm/lib/dns-a-record';
import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { App, AzurermBackend, TerraformStack, TerraformVariable } from 'cdktf';
import {
  AzapiProvider,
  Sample,
  SmokeTest,
  EndpointTraffic,
  AttachedKubernetesCluster,
  ModelFolder,
  OnlineDeployment,
  OnlineEndpoint,
  ScoringCode,
  ScoringEnvironment,
  SslSettings,
  Workspace,
} from 'cdktf-brainwave';

// A row that training/train.py selected from the test set.
const sample = JSON.parse(readFileSync(path.join(__dirname, 'sample.json'), 'utf8')) as {
  label: number;
  request: { data: number[][] };
};

// Your settings: state storage, domain and region. None of them is secret.
const stateAccount = process.env.STATE_STORAGE_ACCOUNT ?? 'examplestate';
const domain = process.env.SCORING_DOMAIN ?? 'example.com';
const location = process.env.SCORING_LOCATION ?? 'eastus';

const app = new App();
const stack = new TerraformStack(app, 'gpu-azure');
new AzurermBackend(stack, {
  resourceGroupName: 'terraform-state',
  storageAccountName: stateAccount,
  containerName: 'tfstate',
  key: 'cdktf-brainwave-gpu.tfstate',
  useAzureadAuth: true,
});
// Application Insights creates an action group in the workspace's resource group that Terraform does not manage;
// without this setting, destroy refuses to delete the group.
new AzurermProvider(stack, 'azurerm', {
  features: [{ resourceGroup: [{ preventDeletionIfContainsResources: false }] }],
  // Write files with your role on the storage account, whose keys are disabled.
  storageUseAzuread: true,
  // The subscription must be registered for cluster extensions, which azurerm does not do by default.
  resourceProvidersToRegister: ['Microsoft.KubernetesConfiguration'],
});
new AzapiProvider(stack, 'azapi');

const workspace = new Workspace(stack, 'Workspace', { location });

// Set TF_VAR_certificate and TF_VAR_private_key. Both are in the state, but in no file of this folder.
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
  hostname: `digits.${domain}`,
});

// Three nodes: one GPU for each of three replicas, and one router per node.
const compute = new AttachedKubernetesCluster(stack, 'Compute', {
  workspace,
  ssl,
  computeName: 'aks-gpu',
  vmSize: 'Standard_NC4as_T4_v3',
  nodeCount: 3,
});

const endpoint = new OnlineEndpoint(stack, 'Endpoint', { compute, name: 'aks-dnn-mnist' });
const blue = new OnlineDeployment(stack, 'Blue', {
  endpoint,
  model: new ModelFolder(stack, 'Model', {
    workspace,
    name: 'digits',
    folder: path.join(__dirname, 'model'),
  }),
  environment: new ScoringEnvironment(stack, 'Environment', {
    workspace,
    condaFile: path.join(__dirname, 'environment/conda.yml'),
  }),
  code: new ScoringCode({ folder: path.join(__dirname, 'code') }),
  replicas: 3,
});
new EndpointTraffic(stack, 'Traffic', { endpoint, shares: [{ deployment: blue, percent: 100 }] });

endpoint.addClientPrerequisite(
  new DnsARecord(stack, 'Record', {
    name: 'digits',
    zoneName: domain,
    resourceGroupName: 'dns',
    ttl: 300,
    records: [compute.routerAddress],
  }),
);
endpoint.addOutputs();
new SmokeTest(stack, 'SmokeTest', {
  endpoint,
  samples: [Sample.data(sample.request.data)],
  expect: { jsonPath: '$.scores[0]', argmax: sample.label },
});

app.synth();
