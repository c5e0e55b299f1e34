import { BrainwaveError } from '../errors/brainwave-error';
import type { DataType__Output } from './proto/types/tensorflow/DataType';
import type { TensorProto, TensorProto__Output } from './proto/types/tensorflow/TensorProto';
import { halfToFloat } from './half-float';
import { elementCount, formatShape, type FloatTensor, type Shape } from './tensor';

/** Maximum number of elements of a received tensor: 64 MiB of floats. */
export const DEFAULT_MAX_ELEMENTS = 16 * 1024 * 1024;

/** A tensor is invalid: its type, shape and content do not match. */
export class TensorFormatError extends BrainwaveError {
  readonly code = 'TENSOR_FORMAT';
}

/** Limits for received tensors. */
export interface TensorLimits {
  /**
   * Maximum number of elements. A few bytes can declare a tensor of one value repeated billions of times, so the size of
   * the message does not limit the memory of the tensor.
   * @default 16,777,216 (64 MiB)
   */
  readonly maxElements?: number | undefined;
}

/**
 * Encodes an array as `DT_FLOAT` with its bytes in `tensor_content`, as clients send them. The bytes share the array's
 * memory. The machine's byte order is little-endian on every supported platform, as the format requires.
 * @throws TensorFormatError if the shape does not match the number of elements
 */
export function tensorToProto(tensor: FloatTensor): TensorProto {
  const { data } = tensor;
  return {
    ...floatTensor(tensor),
    tensorContent: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

/**
 * Encodes an array as `DT_FLOAT` with its elements in `float_val`, as TensorFlow Serving answers by default. Some clients
 * read no other field. The elements are packed, so they take as many bytes as in `tensor_content`.
 * @throws TensorFormatError if the shape does not match the number of elements
 * @see https://github.com/tensorflow/serving/blob/master/tensorflow_serving/model_servers/server_core.h (`kAsProtoField`)
 */
export function answerToProto(tensor: FloatTensor): TensorProto {
  return { ...floatTensor(tensor), floatVal: tensor.data };
}

/** Encodes image files (JPEG, PNG, …) as `DT_STRING` of shape `[n]`, one string per image. */
export function imagesToProto(images: readonly Uint8Array[]): TensorProto {
  return { dtype: 'DT_STRING', tensorShape: shapeToProto([images.length]), stringVal: [...images] };
}

/**
 * Decodes an array of numbers as 32-bit floats. `DT_HALF` and `DT_UINT8` are converted without loss, and `DT_DOUBLE` is
 * rounded. The elements are in `tensor_content` or in the list of their type. In a list that is too short, the last value
 * is repeated, as in TensorFlow. The result owns its memory and does not share the received message's.
 * @throws TensorFormatError if the type is another one or the content does not fit the shape
 */
export function tensorFromProto(proto: TensorProto__Output, limits: TensorLimits = {}): FloatTensor {
  const type = numberTypes[proto.dtype];
  if (type === undefined) {
    throw new TensorFormatError(
      `got a tensor of ${proto.dtype}, expected DT_FLOAT (or DT_DOUBLE, DT_HALF or DT_UINT8, which are converted); ` +
        'send 32-bit floats',
    );
  }
  const shape = shapeFromProto(proto);
  const count = checkedElementCount(shape, limits.maxElements ?? DEFAULT_MAX_ELEMENTS);
  const numbers =
    proto.tensorContent.length > 0
      ? fromContent(type, proto.tensorContent, shape, count)
      : fromList(type, proto, shape, count);
  return { shape, data: type.toFloats(numbers) };
}

/** Returns a tensor whose elements are these bytes, in the form in which messages are received. */
export function arrayProto(dtype: DataType__Output, shape: Shape, content: Uint8Array): TensorProto__Output {
  return {
    ...emptyProto(dtype, shape),
    tensorContent: Buffer.from(content.buffer, content.byteOffset, content.byteLength),
  };
}

/** Returns the 32-bit floats as bytes. */
export function floatBytes({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Returns a tensor without elements, in the form in which messages are received. */
export function emptyProto(dtype: DataType__Output, shape: Shape): TensorProto__Output {
  return {
    dtype,
    tensorShape: { dim: shape.map((size) => ({ size, name: '' })), unknownRank: false },
    versionNumber: 0,
    tensorContent: Buffer.alloc(0),
    ...{ floatVal: [], doubleVal: [], intVal: [], stringVal: [], int64Val: [], boolVal: [], halfVal: [] },
  };
}

/** Returns whether `tensorFromProto` supports tensors of a type. */
export function isReadAsFloats(dtype: TensorProto__Output['dtype']): boolean {
  return numberTypes[dtype] !== undefined;
}

/**
 * Decodes image files from a `DT_STRING` tensor of shape `[n]` or `[n, 1]`. A scalar counts as one image. The images
 * share the received message's memory.
 * @throws TensorFormatError if the type is not `DT_STRING` or the number of images does not match the shape
 */
export function imagesFromProto(proto: TensorProto__Output): Uint8Array[] {
  if (proto.dtype !== 'DT_STRING') {
    throw new TensorFormatError(
      `got a tensor of ${proto.dtype}, expected DT_STRING; send encoded images (JPEG, PNG, …) as strings`,
    );
  }
  const shape = shapeFromProto(proto);
  if (shape.length > 2 || (shape[1] ?? 1) !== 1) {
    throw new TensorFormatError(
      `got images in a tensor of shape ${formatShape(shape)}, expected [n] or [n, 1]; send a list of encoded images`,
    );
  }
  if (proto.tensorContent.length > 0) {
    throw new TensorFormatError(
      'got images in tensor_content, expected string_val; put each image in string_val',
    );
  }
  const expected = elementCount(shape);
  if (proto.stringVal.length !== expected) {
    throw new TensorFormatError(
      `got ${proto.stringVal.length} images in a tensor of shape ${formatShape(shape)}, expected ${expected}; ` +
        'set the shape to the number of images',
    );
  }
  return proto.stringVal;
}

/** Storage of one element type, and its conversion to floats. */
interface NumberType {
  readonly Memory: NumbersConstructor;
  /** Name of the list's field in the proto file. */
  readonly field: string;
  readonly list: (proto: TensorProto__Output) => readonly number[];
  readonly toFloats: (numbers: Numbers) => Float32Array;
}

type Numbers = Float32Array | Float64Array | Uint16Array | Uint8Array;

interface NumbersConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): Numbers;
}

const numberTypes: Partial<Record<TensorProto__Output['dtype'], NumberType>> = {
  DT_FLOAT: {
    Memory: Float32Array,
    field: 'float_val',
    list: ({ floatVal }) => floatVal,
    toFloats,
  },
  DT_DOUBLE: {
    Memory: Float64Array,
    field: 'double_val',
    list: ({ doubleVal }) => doubleVal,
    toFloats,
  },
  DT_HALF: {
    Memory: Uint16Array,
    field: 'half_val',
    list: ({ halfVal }) => halfVal,
    toFloats: (numbers) => Float32Array.from(numbers, halfToFloat),
  },
  DT_UINT8: {
    Memory: Uint8Array,
    field: 'int_val',
    list: ({ intVal }) => intVal,
    toFloats,
  },
};

function toFloats(numbers: Numbers): Float32Array {
  return numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
}

function fromContent({ Memory }: NumberType, content: Buffer, shape: Shape, count: number): Numbers {
  const expected = count * Memory.BYTES_PER_ELEMENT;
  if (content.length !== expected) {
    throw new TensorFormatError(
      `got ${content.length} bytes of tensor_content for a tensor of shape ${formatShape(shape)}, ` +
        `expected ${expected}; send ${Memory.BYTES_PER_ELEMENT} little-endian bytes per element`,
    );
  }
  const numbers = new Memory(count);
  // The bytes can start at any offset of the received message, and numbers must be aligned.
  new Uint8Array(numbers.buffer).set(content);
  return numbers;
}

/** Repeats the last value of a list that is too short, as TensorFlow does. */
function fromList(type: NumberType, proto: TensorProto__Output, shape: Shape, count: number): Numbers {
  const values = type.list(proto);
  const last = values.at(-1);
  if (values.length > count || (last === undefined && count > 0)) {
    throw new TensorFormatError(
      `got ${values.length} values in ${type.field} for a tensor of shape ${formatShape(shape)}, ` +
        `expected ${count} (or fewer, the last one repeated); send the elements in ${type.field} or tensor_content`,
    );
  }
  const numbers = new type.Memory(count);
  numbers.set(values);
  return last === undefined ? numbers : numbers.fill(last, values.length);
}

function floatTensor({ shape, data }: FloatTensor): TensorProto {
  const expected = checkedElementCount(shape, Number.MAX_SAFE_INTEGER);
  if (data.length !== expected) {
    throw new TensorFormatError(
      `got ${data.length} floats for a tensor of shape ${formatShape(shape)}, expected ${expected}; ` +
        'pass as many elements as the product of the shape',
    );
  }
  return { dtype: 'DT_FLOAT', tensorShape: shapeToProto(shape) };
}

function shapeToProto(shape: readonly number[]): NonNullable<TensorProto['tensorShape']> {
  return { dim: shape.map((size) => ({ size })) };
}

function shapeFromProto(proto: TensorProto__Output): number[] {
  if (proto.tensorShape?.unknownRank) {
    throw new TensorFormatError('got a tensor of unknown rank, expected known dimensions; set its shape');
  }
  return (proto.tensorShape?.dim ?? []).map(({ size }) => size);
}

/**
 * Returns the number of elements of a received tensor.
 * @throws TensorFormatError if there are too many, or a dimension is unknown
 */
export function checkedElementCount(shape: readonly number[], maxElements: number): number {
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new TensorFormatError(
      `got a tensor of shape ${formatShape(shape)}, expected whole dimensions of at least 0; set every dimension`,
    );
  }
  const count = elementCount(shape);
  if (count > maxElements) {
    throw new TensorFormatError(
      `got a tensor of shape ${formatShape(shape)}, which has ${count} elements, ` +
        `expected at most ${maxElements}; send it in smaller batches`,
    );
  }
  return count;
}
