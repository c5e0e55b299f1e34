import path from 'node:path';

import { App, LocalBackend, TerraformStack } from 'cdktf';
import {
  BrainwaveModel,
  BrainwaveWebservice,
  Exposure,
  KubernetesAccess,
  KubernetesCluster,
  KubernetesCompute,
  LocalWorkspace,
  RegisteredModel,
  Rollout,
  Sample,
  ScoringImage,
  ServiceDefinition,
  SmokeTest,
  SoftwareModel,
  Stage,
} from 'cdktf-brainwave';

const quickstart = path.join(__dirname, '../quickstart');
const models = path.join(quickstart, 'models');

// Your settings: the image with the model, and, for clusters without load balancers, the address of a node.
const { SCORING_IMAGE = 'localhost/efficientnet-lite0:1', NODE_ADDRESS, KUBECONFIG } = process.env;

const app = new App();
const stack = new TerraformStack(app, 'kubernetes');
new LocalBackend(stack, { path: '../../../terraform.kubernetes.tfstate' });

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
const model = new RegisteredModel(stack, 'Model', {
  workspace: new LocalWorkspace(stack, 'Workspace'),
  name: 'efficientnet-lite0',
  serviceDefinition,
});

const cluster = new KubernetesCluster(stack, 'Cluster', {
  access: KubernetesAccess.kubeconfig({ file: KUBECONFIG }),
});
const service = new BrainwaveWebservice(stack, 'Service', {
  model,
  compute: new KubernetesCompute({
    cluster,
    image: ScoringImage.fromScoringImageAttributes(stack, 'Image', { imageUri: SCORING_IMAGE }),
    exposure:
      NODE_ADDRESS === undefined ? Exposure.loadBalancer() : Exposure.nodePort({ address: NODE_ADDRESS }),
    rollout: Rollout.blueGreen(),
  }),
});

new SmokeTest(stack, 'SmokeTest', {
  service,
  samples: [Sample.image(path.join(quickstart, 'images/chelsea.png'))],
  expect: { label: 'tiger cat', minimumProbability: 0.3 },
});

service.addOutputs();

app.synth();
