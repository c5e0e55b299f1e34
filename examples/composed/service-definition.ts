import path from 'node:path';

import { BrainwaveModel, ServiceDefinition, SoftwareModel, Stage } from 'cdktf-brainwave';

const models = path.join(__dirname, '../quickstart/models');

/** Service definition of the quickstart. */
export const serviceDefinition = new ServiceDefinition({
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
