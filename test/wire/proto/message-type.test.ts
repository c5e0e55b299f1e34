import fc from 'fast-check';
import protobuf from 'protobufjs';

import { messageType } from '../../../lib/wire/proto/load';
import { messages } from '../../../lib/wire/proto/types/descriptors';
import type { PredictRequest } from '../../../lib/wire/proto/types/tensorflow/serving/PredictRequest';
import { serviceMethods } from '../../../lib/wire/service-methods';
import { imagesToProto, tensorToProto } from '../../../lib/wire/tensor-proto';
import { parseProtoFiles, PROTO_FILES } from '../../../scripts/proto/proto-root';

const { Predict } = serviceMethods().prediction;

/** protobufjs's types of all messages, to compare with. */
const peers = parseProtoFiles(PROTO_FILES);

const names = Object.keys(messages);

/** Messages whose values are what the wire can carry, so that they come back as they were. */
function messagesOf(type: protobuf.Type, depth = 3): fc.Arbitrary<Record<string, unknown>> {
  const alone = type.fieldsArray.filter(({ partOf }) => !partOf);
  const fields = fc.record(Object.fromEntries(alone.map((field) => [field.name, valuesOf(field, depth)])), {
    requiredKeys: [],
  });
  const chosen = type.oneofsArray.map((oneof) =>
    fc.option(
      fc
        .constantFrom(...oneof.fieldsArray)
        .chain((field) => valuesOf(field, depth).map((value) => ({ [field.name]: value }))),
      { nil: {} },
    ),
  );
  return fc.tuple(fields, ...chosen).map((parts) => Object.assign({}, ...parts) as Record<string, unknown>);
}

function valuesOf(field: protobuf.Field, depth: number): fc.Arbitrary<unknown> {
  const value = singleValuesOf(field, depth);
  if (field instanceof protobuf.MapField) {
    return fc.dictionary(
      fc.string({ unit: 'binary' }).filter((key) => key !== '__proto__'),
      value,
      { maxKeys: 3 },
    );
  }
  return field.repeated ? fc.array(value, { maxLength: 4 }) : value;
}

function singleValuesOf({ resolvedType, type }: protobuf.Field, depth: number): fc.Arbitrary<unknown> {
  if (resolvedType instanceof protobuf.Enum) {
    return fc.constantFrom(...Object.keys(resolvedType.values));
  }
  if (resolvedType) {
    return depth === 0 ? fc.constant({}) : messagesOf(resolvedType, depth - 1);
  }
  switch (type) {
    case 'bool':
      return fc.boolean();
    case 'bytes':
      return fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    case 'double':
      return fc.double({ noNaN: true });
    case 'fixed32':
    case 'uint32':
      return fc.integer({ min: 0, max: 2 ** 32 - 1 });
    case 'float':
      return fc.float({ noNaN: true });
    case 'int32':
      return fc.integer();
    case 'int64':
      return fc.maxSafeInteger();
    case 'string':
      return fc.string({ unit: 'binary', maxLength: 40 });
    default:
      throw new Error(`no values of ${type}`);
  }
}

describe.each(names)('%s', (name) => {
  const type = peers.lookupType(name);
  const codec = messageType<object, object>(name);

  it('is the same on the wire as with protobufjs, and is read alike', () => {
    fc.assert(
      fc.property(messagesOf(type), (message) => {
        const bytes = Buffer.from(type.encode(type.fromObject(message)).finish());
        expect(codec.serialize(message).equals(bytes)).toBe(true);
        expect(codec.deserialize(bytes)).toEqual(
          type.toObject(type.decode(bytes), { longs: Number, enums: String, defaults: true, oneofs: true }),
        );
      }),
      { numRuns: 15 },
    );
  });
});

describe('bytes that are no message', () => {
  const { requestSerialize, requestDeserialize } = Predict;

  it('are rejected with a RangeError, or read, whatever they are', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.uint8Array({ maxLength: 60 }), (name, bytes) => {
        let failure: unknown;
        try {
          messageType<object, object>(name).deserialize(Buffer.from(bytes));
        } catch (error) {
          failure = error;
        }
        expect(failure === undefined || failure instanceof RangeError).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('are rejected wherever a message is cut off within a field', () => {
    const bytes = requestSerialize({ inputs: { x: imagesToProto([Buffer.alloc(20)]) } });
    for (let length = 1; length < bytes.length; length += 1) {
      expect(() => requestDeserialize(bytes.subarray(0, length))).toThrow(
        `the message has ${length} bytes, expected at least`,
      );
    }
  });

  it.each([
    ['a field 0', [0x00, 0x00], 'got field 0 at byte 1, expected 1 or more'],
    ['an unknown wire type', [0x7e], 'got wire type 6 at byte 1, expected one of 0, 1, 2, 3 and 5'],
    ['a group that does not begin', [0x7c], 'got wire type 4 at byte 1, expected one of 0, 1, 2, 3 and 5'],
    ['a group that ends as another', [0x7b, 0x74], 'group 15 ends as group 14 at byte 2'],
    [
      'an endless integer',
      [0x78, ...Array.from({ length: 11 }, () => 0xff)],
      'got an integer of more than 10 bytes at byte 11',
    ],
    [
      'a value that extends beyond its message',
      [0x0a, 0x02, 0x0a, 0x02, 0x61, 0x62],
      'a value extends to byte 6, expected 4',
    ],
    [
      'groups nested too deep',
      Array.from({ length: 200 }, () => 0x7b),
      'got messages nested more than 100 deep',
    ],
  ])('are rejected: %s', (_, bytes, message) => {
    expect(() => requestDeserialize(Buffer.from(bytes))).toThrow(new RangeError(message));
  });
});

describe('a message of another version', () => {
  it('is read without the fields that are unknown here, of every wire type', () => {
    const known = Predict.requestSerialize({ outputFilter: ['a'] });
    const unknown = Buffer.of(
      0x78,
      1,
      0x79,
      ...Buffer.alloc(8),
      0x7a,
      1,
      0,
      0x7b,
      0x78,
      1,
      0x7c,
      0x7d,
      ...Buffer.alloc(4),
    );
    expect(Predict.requestDeserialize(Buffer.concat([unknown, known, unknown]))).toEqual({
      modelSpec: null,
      inputs: {},
      outputFilter: ['a'],
    });
  });

  it('is read without a known field that has another wire type', () => {
    // Field 1, the model, as an integer.
    expect(Predict.requestDeserialize(Buffer.of(0x08, 1)).modelSpec).toBeNull();
  });

  it('may have enum values that are unknown here, which stay numbers', () => {
    const codec = messageType<object, { dtype: unknown }>('tensorflow.TensorProto');
    expect(codec.deserialize(codec.serialize({ dtype: 101 })).dtype).toBe(101);
    expect(() => codec.serialize({ dtype: 'DT_FLOAT_REF' })).toThrow(
      new RangeError('tensorflow.DataType has no value DT_FLOAT_REF'),
    );
  });
});

describe('a field that occurs twice', () => {
  const bytesOf = (request: PredictRequest) => Predict.requestSerialize(request);

  it('is merged if it is a message, and otherwise the last one counts', () => {
    const both = Buffer.concat([
      bytesOf({ modelSpec: { name: 'a', signatureName: 's' } }),
      bytesOf({ modelSpec: { name: 'b' } }),
    ]);
    expect(Predict.requestDeserialize(both).modelSpec).toEqual({ name: 'b', signatureName: 's' });
  });

  it('leaves only the last field of a oneof', () => {
    const both = Buffer.concat([
      bytesOf({ modelSpec: { version: { value: 7 } } }),
      bytesOf({ modelSpec: { versionLabel: 'stable' } }),
    ]);
    expect(Predict.requestDeserialize(both).modelSpec).toEqual({
      name: '',
      signatureName: '',
      versionLabel: 'stable',
      versionChoice: 'versionLabel',
    });
  });
});

it('a map can have any key, even one that JavaScript gives a meaning', () => {
  const inputs = JSON.parse('{"__proto__":{"dtype":"DT_FLOAT"}}') as PredictRequest['inputs'];
  const received = Predict.requestDeserialize(Predict.requestSerialize({ inputs })).inputs;
  expect(Object.keys(received)).toEqual(['__proto__']);
  expect(({} as Record<string, unknown>).dtype).toBeUndefined();
});

it('a message that no proto file declares is rejected', () => {
  expect(() => messageType('tensorflow.Missing')).toThrow(
    'the proto files do not declare tensorflow.Missing',
  );
});

describe('a request in parts', () => {
  it('is the same message as in one piece, with images of any size', () => {
    const image = fc
      .record({ bytes: fc.integer({ min: 1, max: 20_000 }), fill: fc.nat(255) })
      .map(({ bytes, fill }) => new Uint8Array(bytes).fill(fill));
    const type = peers.lookupType('tensorflow.serving.PredictRequest');
    fc.assert(
      fc.property(fc.array(image, { maxLength: 5 }), fc.string(), (images, name) => {
        const request = {
          modelSpec: { name },
          inputs: { images: imagesToProto(images) },
          outputFilter: [name],
        };
        const bytes = type.encode(type.fromObject(request)).finish();
        // Not toEqual, which compares byte by byte in JavaScript.
        expect(Buffer.concat(Predict.requestParts(request)).equals(bytes)).toBe(true);
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
