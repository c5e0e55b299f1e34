import path from 'node:path';

import { App, LocalBackend, TerraformStack } from 'cdktf';
import {
  BrainwaveModel,
  BrainwaveWebservice,
  LocalCompute,
  LocalWorkspace,
  RegisteredModel,
  ServiceDefinition,
  SmokeTest,
  SoftwareModel,
  SslSettings,
  Stage,
} from 'cdktf-brainwave';

const models = path.join(__dirname, 'models');

const app = new App();
const stack = new TerraformStack(app, 'quickstart');
new LocalBackend(stack, { path: '../../../terraform.quickstart.tfstate' });

// What the service runs: decode and scale, features on the accelerator (here: on the CPU), classify.
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

const workspace = new LocalWorkspace(stack, 'Workspace');
const model = new RegisteredModel(stack, 'Model', {
  workspace,
  name: 'efficientnet-lite0',
  serviceDefinition,
});
const ssl = SslSettings.selfSigned({ hostname: 'scoring.localhost' });
const service = new BrainwaveWebservice(stack, 'Service', { model, ssl, compute: new LocalCompute() });
new SmokeTest(stack, 'SmokeTest', {
  service,
  image: path.join(__dirname, 'images/chelsea.png'),
  expect: { label: 'tiger cat', minimumProbability: 0.3 },
});

app.synth();
