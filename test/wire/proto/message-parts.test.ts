import fc from 'fast-check';

import type { PredictRequest } from '../../../lib/wire/proto/types/tensorflow/serving/PredictRequest';
import { serviceMethods } from '../../../lib/wire/service-methods';
import { imagesToProto, tensorToProto } from '../../../lib/wire/tensor-proto';

const { Predict } = serviceMethods().prediction;

describe('a request in parts', () => {
  it('is the same message as in one piece, with images of any size', () => {
    const image = fc
      .record({ bytes: fc.integer({ min: 1, max: 20_000 }), fill: fc.nat(255) })
      .map(({ bytes, fill }) => new Uint8Array(bytes).fill(fill));
    fc.assert(
      fc.property(fc.array(image, { maxLength: 5 }), fc.string(), (images, name) => {
        const request = {
          modelSpec: { name },
          inputs: { images: imagesToProto(images) },
          outputFilter: [name],
        };
        // Not toEqual, which compares byte by byte in JavaScript.
        expect(Buffer.concat(Predict.requestParts(request)).equals(Predict.requestSerialize(request))).toBe(
          true,
        );
      }),
      { numRuns: 100 },
    );
  });

  it('shares the memory of a large image and of a large array', () => {
    const image = new Uint8Array(100_000).subarray(7);
    const data = new Float32Array(10_000);
    const requests: PredictRequest[] = [
      { inputs: { images: imagesToProto([image]) } },
      { inputs: { x: tensorToProto({ shape: [1, 10_000], data }) } },
    ];
    const shared = requests.map((request) =>
      Predict.requestParts(request).map(({ buffer, byteOffset, length }) => ({ buffer, byteOffset, length })),
    );
    expect(shared[0]).toContainEqual({ buffer: image.buffer, byteOffset: 7, length: image.length });
    expect(shared[1]).toContainEqual({ buffer: data.buffer, byteOffset: 0, length: data.byteLength });
  });

  it('is one part if it is small', () => {
    expect(Predict.requestParts({ modelSpec: { name: 'cats' } })).toHaveLength(1);
  });
});
