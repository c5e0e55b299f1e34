import path from 'node:path';

import { ServiceDefinition, Stage } from '../../lib/service-definition';
import { CLASSIFIER, sampleServiceDefinition } from '../support/sample-service-definition';

/** The quickstart's folder, with its images and models. */
export const SAMPLE_FOLDER = path.resolve(__dirname, '../../examples/quickstart');

/** The quickstart's pipeline: takes encoded images. */
export const imageClassifier = sampleServiceDefinition;

/** Its last stage alone: takes arrays of features, `[n, 1, 1, 1280]`. */
export function featureClassifier(): ServiceDefinition {
  return new ServiceDefinition({
    stages: [
      Stage.tensorflow({
        name: 'classifier',
        path: CLASSIFIER,
        inputTensor: 'features:0',
        outputTensor: 'probabilities:0',
      }),
    ],
  });
}
