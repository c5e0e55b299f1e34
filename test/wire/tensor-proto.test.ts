import fc from 'fast-check';

import { messageType } from '../../lib/wire/proto/load';
import type { TensorProto, TensorProto__Output } from '../../lib/wire/proto/types/tensorflow/TensorProto';
import type {
  PredictResponse,
  PredictResponse__Output,
} from '../../lib/wire/proto/types/tensorflow/serving/PredictResponse';
import { elementCount } from '../../lib/wire/tensor';
import {
  TensorFormatError,
  answerToProto,
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
    const content = tensorToProto({ shape: [2], data: memory.subarray(1, 3) }).tensorContent!;
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

  it('is filled up with the last value of float_val, as TensorFlow does it', () => {
    fc.assert(
      fc.property(fc.float32Array({ minLength: 1, maxLength: 9 }), fc.nat(9), (values, missing) => {
        const dim = [{ size: values.length + missing }];
        const proto = overTheWire({ dtype: 'DT_FLOAT', tensorShape: { dim }, floatVal: [...values] });
        const last = values.slice(-1);
        expect(tensorFromProto(proto).data).toEqual(
          Float32Array.of(...values, ...Array.from({ length: missing }, () => last[0])),
        );
      }),
    );
  });

  it('of doubles is rounded, wherever they stand', () => {
    fc.assert(
      fc.property(fc.float64Array({ minLength: 1, maxLength: 9 }), (values) => {
        const common: TensorProto = { dtype: 'DT_DOUBLE', tensorShape: { dim: [{ size: values.length }] } };
        const expected = Float32Array.from(values);
        const content = Buffer.from(values.slice().buffer);
        expect(tensorFromProto(overTheWire({ ...common, tensorContent: content })).data).toEqual(expected);
        expect(tensorFromProto(overTheWire({ ...common, doubleVal: [...values] })).data).toEqual(expected);
      }),
    );
  });

  it('of bytes is read unchanged, wherever they stand', () => {
    const common: TensorProto = { dtype: 'DT_UINT8', tensorShape: { dim: [{ size: 3 }] } };
    const expected = Float32Array.of(0, 128, 255);
    expect(tensorFromProto(overTheWire({ ...common, tensorContent: Buffer.of(0, 128, 255) })).data).toEqual(
      expected,
    );
    expect(tensorFromProto(overTheWire({ ...common, intVal: [0, 128, 255] })).data).toEqual(expected);
  });

  it('of halves is read without loss, wherever they stand', () => {
    const halves = [0x3c00, 0xc000, 0x3555, 0x0001, 0x7bff];
    const expected = Float32Array.of(1, -2, 0.333251953125, 2 ** -24, 65504);
    const common: TensorProto = { dtype: 'DT_HALF', tensorShape: { dim: [{ size: halves.length }] } };
    const content = Buffer.from(Uint16Array.from(halves).buffer);
    expect(tensorFromProto(overTheWire({ ...common, tensorContent: content })).data).toEqual(expected);
    expect(tensorFromProto(overTheWire({ ...common, halfVal: halves })).data).toEqual(expected);
  });
});

describe('an answer on the wire', () => {
  const response = () =>
    messageType<PredictResponse, PredictResponse__Output>('tensorflow.serving.PredictResponse');

  it('has its elements in float_val, packed: the very bytes that a list of them gives', () => {
    fc.assert(
      fc.property(tensors, (tensor) => {
        const { dtype, tensorShape } = tensorToProto(tensor);
        const listed = { dtype, tensorShape, floatVal: [...tensor.data] };
        const inAnswer = (proto: TensorProto) =>
          response().serialize({ outputs: { a: proto }, modelSpec: { name: 'm' } });
        expect(codec().serialize(answerToProto(tensor))).toEqual(codec().serialize(listed));
        expect(inAnswer(answerToProto(tensor))).toEqual(inAnswer(listed));
        expect(tensorFromProto(overTheWire(answerToProto(tensor))).data).toEqual(tensor.data);
      }),
    );
  });

  it('of a part of an array has that part alone', () => {
    const data = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
    expect(tensorFromProto(overTheWire(answerToProto({ shape: [2], data }))).data).toEqual(
      new Float32Array([1, 2]),
    );
  });

  it('is read where its floats are not packed, too', () => {
    const bytes = Buffer.concat(
      [1.5, -2].map((value) => {
        const element = Buffer.of(0x2d, 0, 0, 0, 0);
        element.writeFloatLE(value, 1);
        return element;
      }),
    );
    const head = codec().serialize({ dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: 2 }] } });
    const proto = codec().deserialize(Buffer.concat([head, bytes]));
    expect(tensorFromProto(proto).data).toEqual(new Float32Array([1.5, -2]));
  });
});

describe('an array that does not fit its shape', () => {
  const read = (proto: TensorProto) => () => tensorFromProto(overTheWire(proto));

  it.each([
    [
      'of another type',
      read({ dtype: 'DT_INT64' }),
      'got a tensor of DT_INT64, expected DT_FLOAT (or DT_DOUBLE, DT_HALF or DT_UINT8, which are converted); ' +
        'send 32-bit floats',
    ],
    [
      'with too few bytes',
      read({ dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: 2 }] }, tensorContent: Buffer.alloc(4) }),
      'got 4 bytes of tensor_content for a tensor of shape [2], expected 8; send 4 little-endian bytes per element',
    ],
    [
      'with too many values',
      read({ dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: 1 }] }, floatVal: [1, 2] }),
      'got 2 values in float_val for a tensor of shape [1], expected 1 (or fewer, the last one repeated); ' +
        'send the elements in float_val or tensor_content',
    ],
    [
      'with no values',
      read({ dtype: 'DT_HALF', tensorShape: { dim: [{ size: 3 }] } }),
      'got 0 values in half_val for a tensor of shape [3], expected 3 (or fewer, the last one repeated); ' +
        'send the elements in half_val or tensor_content',
    ],
    [
      'with too few doubles',
      read({ dtype: 'DT_DOUBLE', tensorShape: { dim: [{ size: 2 }] }, tensorContent: Buffer.alloc(8) }),
      'got 8 bytes of tensor_content for a tensor of shape [2], expected 16; send 8 little-endian bytes per element',
    ],
    [
      'of a size below 0',
      read({ dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: -1 }] } }),
      'got a tensor of shape [n], expected whole dimensions of at least 0; set every dimension',
    ],
    [
      'of unknown rank',
      read({ dtype: 'DT_FLOAT', tensorShape: { unknownRank: true } }),
      'got a tensor of unknown rank, expected known dimensions; set its shape',
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
      'got 3 floats for a tensor of shape [2, 2], expected 4; pass as many elements as the product of the shape',
    ],
  ])('is rejected: %s', (_, act, message) => {
    expect(act).toThrow(new TensorFormatError(message));
  });

  it('is rejected when it has more elements than the reader takes', () => {
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

  it('may lie in a column', () => {
    const stringVal = [Buffer.from('a'), Buffer.from('b')];
    const dim = [{ size: 2 }, { size: 1 }];
    expect(imagesFromProto(overTheWire({ dtype: 'DT_STRING', tensorShape: { dim }, stringVal }))).toEqual(
      stringVal,
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
      { dtype: 'DT_STRING', tensorShape: { dim: [{ size: 1 }, { size: 2 }] }, stringVal: [Buffer.from('a')] },
      'got images in a tensor of shape [1, 2], expected [n] or [n, 1]; send a list of encoded images',
    ],
    [
      'fewer than the shape says',
      { dtype: 'DT_STRING', tensorShape: { dim: [{ size: 2 }] }, stringVal: [Buffer.from('a')] },
      'got 1 images in a tensor of shape [2], expected 2; set the shape to the number of images',
    ],
    [
      'in tensor_content',
      { dtype: 'DT_STRING', tensorShape: { dim: [{ size: 1 }] }, tensorContent: Buffer.from('a') },
      'got images in tensor_content, expected string_val; put each image in string_val',
    ],
  ])('are rejected: %s', (_, proto, message) => {
    expect(() => imagesFromProto(overTheWire(proto))).toThrow(new TensorFormatError(message));
  });
});
