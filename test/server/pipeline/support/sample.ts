import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { ServiceDefinitionContent } from '../../../../lib/service-definition/service-definition-content';
import type { StageJson } from '../../../../lib/service-definition/service-definition-json';

const quickstart = path.resolve(__dirname, '../../../../examples/quickstart');

export function sampleImage(name: 'chelsea.png' | 'coffee.png' | 'rocket.jpg'): Buffer {
  return readFileSync(path.join(quickstart, 'images', name));
}

export function sampleModel(name: 'featurizer.onnx' | 'classifier.pb'): Buffer {
  return readFileSync(path.join(quickstart, 'models/efficientnet-lite0', name));
}

export const imageStage = {
  type: 'image',
  name: 'decode',
  resize: 256,
  crop: 224,
  channels: 3,
  method: 'bilinear',
  mean: [0],
  scale: 1,
} satisfies StageJson;

export const featurizerStage = {
  type: 'brainwave',
  name: 'featurizer',
  model_ref: 'efficientnet-lite0',
  model_version: '1',
  output_tensor_dims: [1, 1, 1, 1280],
  software: { type: 'onnx', model_path: 'featurizer.onnx', input_tensor: 'image', output_tensor: 'features' },
} satisfies StageJson;

export const classifierStage = {
  type: 'tensorflow',
  name: 'classifier',
  model_path: 'classifier.pb',
  input_tensor: 'features:0',
  output_tensor: 'probabilities:0',
} satisfies StageJson;

/** A service definition of these stages and files. */
export function definitionOf(
  pipeline: StageJson[],
  files: Readonly<Record<string, Uint8Array>> = {},
): ServiceDefinitionContent {
  return { definition: { aml_runtime_version: '1.0', pipeline }, files: new Map(Object.entries(files)) };
}

/** The quickstart's classifier, or another one behind the same features. */
export function sampleDefinition(
  classifier: Uint8Array = sampleModel('classifier.pb'),
): ServiceDefinitionContent {
  return definitionOf([imageStage, featurizerStage, classifierStage], {
    'featurizer.onnx': sampleModel('featurizer.onnx'),
    'classifier.pb': classifier,
  });
}
