import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { BrainwaveModel, ServiceDefinition, SoftwareModel, Stage } from '../../constructs';
import { messageType } from '../../lib/proto/load';
import type { GraphDef, GraphDef__Output } from '../../lib/proto/types/tensorflow/GraphDef';

const example = path.resolve(__dirname, '../../examples/quickstart');
const classifier = path.join(example, 'models/efficientnet-lite0/classifier.pb');

const CLASSES = 1000;

/** The quickstart's images. */
export const images = {
  chelsea: path.join(example, 'images/chelsea.png'),
  coffee: path.join(example, 'images/coffee.png'),
};

/** The quickstart's model, with another classifier where one is given. */
export function sampleDefinition(classifierFile = classifier): ServiceDefinition {
  return new ServiceDefinition({
    stages: [
      Stage.image(),
      Stage.brainwave({
        model: BrainwaveModel.custom('efficientnet-lite0', { outputTensorDims: [1, 1, 1, 1280] }),
        software: SoftwareModel.onnx({
          path: path.join(example, 'models/efficientnet-lite0/featurizer.onnx'),
          inputTensor: 'image',
          outputTensor: 'features',
        }),
      }),
      Stage.tensorflow({
        name: 'classifier',
        path: classifierFile,
        inputTensor: 'features:0',
        outputTensor: 'probabilities:0',
      }),
    ],
    labels: path.join(example, 'models/imagenet-labels.txt'),
  });
}

/** The classifier with its classes' weights moved on by one: what was class 282 becomes class 283. */
export function writeShuffledClassifier(file: string): void {
  const type = messageType<GraphDef, GraphDef__Output>('tensorflow.GraphDef');
  const graph = type.deserialize(readFileSync(classifier));
  let moved = 0;
  for (const node of graph.node) {
    const tensor = node.op === 'Const' ? node.attr.value.tensor : undefined;
    if (!tensor || tensor.tensorShape?.dim.at(-1)?.size !== CLASSES) {
      continue;
    }
    const classes = new Float32Array(Uint8Array.from(tensor.tensorContent).buffer);
    for (let row = 0; row < classes.length; row += CLASSES) {
      const last = classes[row + CLASSES - 1];
      classes.copyWithin(row + 1, row, row + CLASSES - 1);
      classes[row] = last;
    }
    tensor.tensorContent = Buffer.from(classes.buffer);
    moved += 1;
  }
  if (moved !== 2) {
    throw new Error(`expected the weights and the bias to have ${CLASSES} classes; ${moved} tensors have`);
  }
  writeFileSync(file, type.serialize(graph));
}
