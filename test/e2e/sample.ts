import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { messageType } from '../../lib/wire/proto/load';
import type { GraphDef, GraphDef__Output } from '../../lib/wire/proto/types/tensorflow/GraphDef';
import { CLASSIFIER } from '../support/sample-service-definition';

const CLASSES = 1000;

/** The quickstart's images. */
export const images = {
  chelsea: path.resolve(__dirname, '../../examples/quickstart/images/chelsea.png'),
  coffee: path.resolve(__dirname, '../../examples/quickstart/images/coffee.png'),
};

/** The classifier with its classes' weights moved on by one: what was class 282 becomes class 283. */
export function writeShuffledClassifier(file: string): void {
  const type = messageType<GraphDef, GraphDef__Output>('tensorflow.GraphDef');
  const graph = type.deserialize(readFileSync(CLASSIFIER));
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
