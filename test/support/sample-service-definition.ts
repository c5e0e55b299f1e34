import { readFileSync } from 'node:fs';
import path from 'node:path';

import { BrainwaveModel, ServiceDefinition, SoftwareModel, Stage } from '../../lib/service-definition';

const quickstart = path.resolve(__dirname, '../../examples/quickstart');
const models = path.join(quickstart, 'models');

/** The sample's classifier, a frozen GraphDef. */
export const CLASSIFIER = path.join(models, 'efficientnet-lite0/classifier.pb');

let definition: ServiceDefinition | undefined;

/** The quickstart's service definition: decode and scale, features, classify. */
export function sampleServiceDefinition(): ServiceDefinition {
  return (definition ??= sampleWithClassifier(CLASSIFIER));
}

const LABELS = path.join(models, 'imagenet-labels.txt');

/** The same with another classifier, or other labels. */
export function sampleWithClassifier(classifier: string, labels = LABELS): ServiceDefinition {
  return new ServiceDefinition({
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
        path: classifier,
        inputTensor: 'features:0',
        outputTensor: 'probabilities:0',
      }),
    ],
    labels,
  });
}

/** One of the quickstart's images. */
export function sampleImage(name: 'chelsea.png' | 'coffee.png' | 'rocket.jpg'): Buffer {
  return readFileSync(path.join(quickstart, 'images', name));
}

/** What the sample model sees on `chelsea.png`. */
export const TIGER_CAT = 282;
