import fc from 'fast-check';

import { messageType } from '../../lib/wire/proto/load';
import type { TensorProto, TensorProto__Output } from '../../lib/wire/proto/types/tensorflow/TensorProto';
import { elementCount } from '../../lib/wire/tensor';
import {
  TensorFormatError,
  imagesFromProto,
  imagesToProto,
  tensorFromProto,
  tensorToProto,
} from '../../lib/wire/tensor-proto';

const codec = () => messageType<TensorProto, TensorProto__Output>('tensorflow.TensorProto');

function overTheWire(proto: TensorProto): TensorProto__Output {
  return codec().deserialize(codec().serialize(proto));
}

const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 });
const tensors = shapes.chain((shape) =>
  fc
    .float32Array({ minLength: elementCount(shape), maxLength: elementCount(shape) })
    .map((data) => ({ shape, data })),
);

describe('an array on the wire', () => {
  it('comes back as it was, whatever its shape and values', () => {
    fc.assert(
      fc.property(tensors, (tensor) => {
        const { shape, data } = tensorFromProto(overTheWire(tensorToProto(tensor)));
        expect(shape).toEqual(tensor.shape);
        expect(data).toEqual(tensor.data);
      }),
    );
  });

  it('is sent from its own memory, without a copy', () => {
    const memory = new Float32Array([9, 1, 2, 9]);
    const content = tensorToProto({ shape: [2], data: memory.subarray(1, 3) }).tensorContent as Uint8Array;
    memory[1] = 7;
    expect(new Float32Array(content.slice().buffer)).toEqual(new Float32Array([7, 2]));
  });

  it('is read wherever in memory its bytes begin', () => {
    const bytes = Buffer.from(new Float32Array([1.5, -2]).buffer);
    for (let offset = 0; offset < 8; offset++) {
      const tensorContent = Buffer.concat([Buffer.alloc(offset), bytes]).subarray(offset);
      const proto = {
        ...overTheWire({ dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: 2 }] } }),
        tensorContent,
      };
      expect(tensorFromProto(proto).data).toEqual(new Float32Array([1.5, -2]));
    }
  });

  it('owns its memory once read, so that it may be handed to another thread', () => {
    const { data } = tensorFromProto(overTheWire(tensorToProto({ shape: [1], data: new Float32Array([4]) })));
    expect(data.buffer.byteLength).toBe(4);
  });

  it('is read from float_val, too', () => {
    const proto = overTheWire({
      dtype: 'DT_FLOAT',
      tensorShape: { dim: [{ size: 1 }, { size: 2 }] },
      floatVal: [0.25, 0.75],
    });
    expect(tensorFromProto(proto)).toEqual({ shape: [1, 2], data: new Float32Array([0.25, 0.75]) });
  });

  it('is filled with the one value of float_val', () => {
    const proto = overTheWire({ dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: 3 }] }, floatVal: [0.5] });
    expect(tensorFromProto(proto).data).toEqual(new Float32Array([0.5, 0.5, 0.5]));
  });
});

describe('an array that does not fit its shape', () => {
  const read = (proto: TensorProto) => () => tensorFromProto(overTheWire(proto));

  it.each([
    [
      'of another type',
      read({ dtype: 'DT_DOUBLE' }),
      'got a tensor of DT_DOUBLE, expected DT_FLOAT; send 32-bit floats',
    ],
    [
      'with too few bytes',
      read({ dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: 2 }] }, tensorContent: Buffer.alloc(4) }),
      'got 4 bytes of tensor_content for a tensor of shape [2], expected 8; send 4 little-endian bytes an element',
    ],
    [
      'with too few values',
      read({ dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: 3 }] }, floatVal: [1, 2] }),
      'got 2 values in float_val for a tensor of shape [3], expected 3 (or one value for all of them); ' +
        'send the elements in float_val or tensor_content',
    ],
    [
      'of a size below 0',
      read({ dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: -1 }] } }),
      'got a tensor of shape [n], expected whole sizes of at least 0; give every size',
    ],
    [
      'of unknown rank',
      read({ dtype: 'DT_FLOAT', tensorShape: { unknownRank: true } }),
      'got a tensor of unknown rank, expected sizes; give its shape',
    ],
    [
      'that is small on the wire and huge in memory',
      read({
        dtype: 'DT_FLOAT',
        tensorShape: { dim: [{ size: 100_000 }, { size: 100_000 }] },
        floatVal: [1],
      }),
      'got a tensor of shape [100000, 100000], which has 10000000000 elements, expected at most 16777216; ' +
        'send it in smaller batches',
    ],
    [
      'that is to be sent',
      () => tensorToProto({ shape: [2, 2], data: new Float32Array(3) }),
      'got 3 floats for a tensor of shape [2, 2], expected 4; give as many elements as the product of the shape',
    ],
  ])('is refused: %s', (_, act, message) => {
    expect(act).toThrow(new TensorFormatError(message));
  });

  it('is refused when it has more elements than the reader takes', () => {
    const proto = overTheWire(tensorToProto({ shape: [3], data: new Float32Array(3) }));
    expect(() => tensorFromProto(proto, { maxElements: 2 })).toThrow('expected at most 2');
  });
});

describe('images on the wire', () => {
  it('come back as they were, however many', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), (images) => {
        const read = imagesFromProto(overTheWire(imagesToProto(images)));
        expect(read.map((image) => Array.from(image))).toEqual(images.map((image) => Array.from(image)));
      }),
    );
  });

  it('may be a scalar when there is one', () => {
    const proto = overTheWire({ dtype: 'DT_STRING', stringVal: [Buffer.from('jpeg')] });
    expect(imagesFromProto(proto)).toEqual([Buffer.from('jpeg')]);
  });

  it.each<[string, TensorProto, string]>([
    [
      'sent as floats',
      { dtype: 'DT_FLOAT' },
      'got a tensor of DT_FLOAT, expected DT_STRING; send encoded images (JPEG, PNG, …) as strings',
    ],
    [
      'in a grid',
      { dtype: 'DT_STRING', tensorShape: { dim: [{ size: 1 }, { size: 1 }] }, stringVal: [Buffer.from('a')] },
      'got images in a tensor of shape [1, 1], expected [n]; send a list of encoded images',
    ],
    [
      'fewer than the shape says',
      { dtype: 'DT_STRING', tensorShape: { dim: [{ size: 2 }] }, stringVal: [Buffer.from('a')] },
      'got 1 images in a tensor of shape [2], expected 2; make the shape say how many images there are',
    ],
    [
      'in tensor_content',
      { dtype: 'DT_STRING', tensorShape: { dim: [{ size: 1 }] }, tensorContent: Buffer.from('a') },
      'got images in tensor_content, expected string_val; put each image in string_val',
    ],
  ])('are refused: %s', (_, proto, message) => {
    expect(() => imagesFromProto(overTheWire(proto))).toThrow(new TensorFormatError(message));
  });
});
