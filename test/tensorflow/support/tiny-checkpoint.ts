import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import type { FloatTensor } from '../../../lib/wire/tensor';

export const TINY_CHECKPOINT = path.resolve(__dirname, '../tiny-checkpoint');

/** The files of the checkpoint that TensorFlow 1.10 wrote, by name. */
export function tinyCheckpoint(): Map<string, Buffer> {
  const names = readdirSync(TINY_CHECKPOINT).filter((name) => name !== 'README.md');
  return new Map(names.map((name) => [name, readFileSync(path.join(TINY_CHECKPOINT, name))]));
}

/** Two images, and the four features of each that TensorFlow 1.10 computed from them. */
export const tinyImages: FloatTensor = {
  shape: [2, 224, 224, 3],
  data: Float32Array.from({ length: 2 * 224 * 224 * 3 }, (_, at) => {
    const [image, row, column, channel] = [
      Math.floor(at / (224 * 224 * 3)),
      Math.floor(at / (224 * 3)) % 224,
      Math.floor(at / 3) % 224,
      at % 3,
    ];
    return ((row * 7 + column * 3 + channel * 50 + image * 11) % 256) - 120;
  }),
};
export const TINY_FEATURES = [
  0.22475238144397736, 1.8179932832717896, 3.1193747520446777, 6.474765300750732, 0.24497990310192108,
  1.8541947603225708, 3.2382092475891113, 6.551597595214844,
];
