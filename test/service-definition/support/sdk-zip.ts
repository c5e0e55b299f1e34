import { tinyCheckpoint } from '../../tensorflow/support/tiny-checkpoint';
import { craftZip, type CraftedEntry } from './crafted-zip';
import {
  PREPROCESS_INPUT,
  PREPROCESS_OUTPUT,
  preprocessArrayGraph,
  tinyClassifier,
} from './preprocess-array';

/** UUIDs as the SDK names its files. */
const IMAGE = 'a5cd96f2-273e-40e0-8db0-0b3bfd94bdb9';
export const FEATURIZER = 'e8f4ff15-e313-418e-ab7d-a751595536b2';
const CLASSIFIER = 'a6279136-8439-4911-aebe-7f39f23fdf3f';

type Json = Record<string, unknown>;

export const TENSORFLOW_STAGES: readonly [Json, Json] = [
  { type: 'tensorflow', model_path: IMAGE, input_tensor: PREPROCESS_INPUT, output_tensor: PREPROCESS_OUTPUT },
  {
    type: 'tensorflow',
    model_path: CLASSIFIER,
    input_tensor: 'resnet_v1_50/pool5:0',
    output_tensor: 'resnet_v1_50/predictions/Softmax:0',
  },
];

/** The SDK of 2019 says 244 where it means 224. */
export const brainwaveStage2019: Json = {
  type: 'brainwave',
  model_path: FEATURIZER,
  input_tensor_dims: [null, 244, 244, 3],
  output_tensor_dims: [null, 1, 1, 4],
  properties: { model_ref: 'resnet50', model_version: '1.1.2' },
};
export const brainwaveStage2018: Json = {
  type: 'brainwave',
  model_ref: 'resnet50',
  model_version: '1.1.6-rc',
  output_tensor_dims: [1, 1, 4],
};

export function manifest2019(changes: { stages?: readonly unknown[]; more?: Json } = {}): Json {
  const [image, classifier] = TENSORFLOW_STAGES;
  return {
    environment: { python_version: '3.6.15', tensorflow_version: '1.10.1', package_version: '1.0.33' },
    pipeline: changes.stages ?? [
      { ...image, output_tensor_dims: [null, 224, 224, 3] },
      brainwaveStage2019,
      { ...classifier, input_tensor_dims: [null, 1, 1, 4], output_tensor_dims: [null, 2] },
    ],
    ...changes.more,
  };
}

export function definition2018(changes: { stages?: readonly unknown[]; more?: Json } = {}): Json {
  const [image, classifier] = TENSORFLOW_STAGES;
  return {
    aml_runtime_version: '1.1',
    pipeline: changes.stages ?? [image, brainwaveStage2018, classifier],
    ...changes.more,
  };
}

/** Files of the stages, by their entries' names: the graph of a checkpoint, and two graphs. */
export function stageFiles(): Map<string, Uint8Array> {
  return new Map<string, Uint8Array>([
    [IMAGE, preprocessArrayGraph()],
    [CLASSIFIER, tinyClassifier()],
    ...[...tinyCheckpoint()].map(([name, content]) => [`${FEATURIZER}/${name}`, content] as const),
  ]);
}

/** A zip as an SDK wrote it: deflated, with or without a checkpoint. */
export function sdkZip(
  entry: 'manifest.json' | 'service_def.json',
  definition: unknown,
  files: ReadonlyMap<string, Uint8Array> = stageFiles(),
): Buffer {
  const entries: CraftedEntry[] = [...files].map(([name, content]) => ({ name, content, deflate: true }));
  return craftZip([{ name: entry, content: JSON.stringify(definition), deflate: true }, ...entries]);
}
