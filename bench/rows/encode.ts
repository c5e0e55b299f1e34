import { serviceMethods } from '../../dist/lib/wire/service-methods';
import { tensorToProto } from '../../dist/lib/wire/tensor-proto';
import { interleave, median } from '../interleave';
import type { Row } from '../row';

const SHAPE = [1, 224, 224, 3];
const CALLS = 500;

export const encode: Row = {
  name: 'encode',
  title: 'client, encoding a request of 1 x 224 x 224 x 3 floats; peer: one copy of their bytes',
  unit: 'ms',
  target: { kind: 'at most', value: 10 },
  quick: true,
  measure({ repeats }) {
    const data = Float32Array.from({ length: 224 * 224 * 3 }, (_, index) => index / 7);
    const { Predict } = serviceMethods().prediction;
    const ours = () => Predict.requestSerialize({ inputs: { image: tensorToProto({ shape: SHAPE, data }) } });
    const bytes = Buffer.from(data.buffer);
    const peer = () => Buffer.from(bytes);
    time(ours);
    time(peer);
    return interleave(
      repeats,
      () => Promise.resolve(time(ours)),
      () => Promise.resolve(time(peer)),
    );
  },
};

/** @returns median duration of many calls, in milliseconds */
function time(work: () => Buffer): number {
  return median(
    Array.from({ length: CALLS }, () => {
      const startedAt = performance.now();
      work();
      return performance.now() - startedAt;
    }),
  );
}
