import path from 'node:path';

import { BrainwaveModel, ServiceDefinition, SoftwareModel, Stage } from '../../dist/lib/service-definition';

/** The quickstart's folder, with its images and models. */
export const SAMPLE_FOLDER = path.resolve(__dirname, '../../examples/quickstart');

const model = (file: string) => path.join(SAMPLE_FOLDER, 'models', file);

const classifier = () =>
  Stage.tensorflow({
    name: 'classifier',
    path: model('efficientnet-lite0/classifier.pb'),
    inputTensor: 'features:0',
    outputTensor: 'probabilities:0',
  });

/** The quickstart's pipeline: takes encoded images. */
export function imageClassifier(): ServiceDefinition {
  return new ServiceDefinition({
    stages: [
      Stage.image({ resize: 256, crop: 224 }),
      Stage.brainwave({
        model: BrainwaveModel.custom('efficientnet-lite0', {
          inputSize: [224, 224, 3],
          outputTensorDims: [1, 1, 1, 1280],
        }),
        software: SoftwareModel.onnx({
          path: model('efficientnet-lite0/featurizer.onnx'),
          inputTensor: 'image',
          outputTensor: 'features',
        }),
      }),
      classifier(),
    ],
    labels: model('imagenet-labels.txt'),
  });
}

/** Its last stage alone: takes arrays of features, `[n, 1, 1, 1280]`. */
export function featureClassifier(): ServiceDefinition {
  return new ServiceDefinition({ stages: [classifier()] });
}
