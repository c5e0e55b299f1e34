import path from 'node:path';

import { App, LocalBackend, TerraformStack } from 'cdktf';
import {
  BrainwaveModel,
  ImageClassifier,
  LocalCompute,
  ServiceDefinition,
  SoftwareModel,
  Stage,
} from 'cdktf-brainwave';

const models = path.join(__dirname, 'models');

const app = new App();
const stack = new TerraformStack(app, 'quickstart');
new LocalBackend(stack, { path: '../../../terraform.quickstart.tfstate' });

// The pipeline: decode and scale, compute features on the accelerator (here: on the CPU), classify.
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

// Registers the model, runs it on this machine with TLS and keys, and scores a picture of a cat after each apply.
new ImageClassifier(stack, 'Classifier', {
  serviceDefinition,
  modelName: 'efficientnet-lite0',
  compute: new LocalCompute({ portVariable: 'PORT' }),
  image: path.join(__dirname, 'images/chelsea.png'),
  expect: { label: 'tiger cat', minimumProbability: 0.3 },
});

app.synth();
