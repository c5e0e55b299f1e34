import { BrainwaveError } from '../errors/brainwave-error';
import type { TensorProto, TensorProto__Output } from './proto/types/tensorflow/TensorProto';
import { elementCount, formatShape, type FloatTensor } from './tensor';

/** Most elements that a received tensor may have: 64 MiB of floats. */
const DEFAULT_MAX_ELEMENTS = 16 * 1024 * 1024;

/** A tensor that cannot be read or written: its type, its shape and its content do not fit together. */
export class TensorFormatError extends BrainwaveError {
  readonly code = 'TENSOR_FORMAT';
}

/** What a reader of tensors accepts. */
export interface TensorLimits {
  /**
   * Most elements. A tensor of one repeated value says in a few bytes that it has billions of elements, so
   * the size of the message does not bound the memory that the tensor needs.
   * @default 16,777,216 (64 MiB)
   */
  readonly maxElements?: number | undefined;
}

/**
 * Writes an array as `DT_FLOAT` with its bytes in `tensor_content`. The bytes are the array's own memory,
 * not a copy, in the machine's order: little-endian on every platform that we run on, as the format asks.
 * @throws TensorFormatError when the shape and the number of elements differ
 */
export function tensorToProto(tensor: FloatTensor): TensorProto {
  const { shape, data } = tensor;
  const expected = checkedElementCount(shape, Number.MAX_SAFE_INTEGER);
  if (data.length !== expected) {
    throw new TensorFormatError(
      `got ${data.length} floats for a tensor of shape ${formatShape(shape)}, expected ${expected}; ` +
        'give as many elements as the product of the shape',
    );
  }
  return {
    dtype: 'DT_FLOAT',
    tensorShape: shapeToProto(shape),
    tensorContent: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

/** Writes encoded images (JPEG, PNG, …) as `DT_STRING` of shape `[n]`, one string an image. */
export function imagesToProto(images: readonly Uint8Array[]): TensorProto {
  return { dtype: 'DT_STRING', tensorShape: shapeToProto([images.length]), stringVal: [...images] };
}

/**
 * Reads an array of floats from `tensor_content` or from `float_val`, where one value stands for a whole
 * tensor of it. The result owns its memory, whatever the received message's was.
 * @throws TensorFormatError when the type is not `DT_FLOAT` or the content does not fit the shape
 */
export function tensorFromProto(proto: TensorProto__Output, limits: TensorLimits = {}): FloatTensor {
  if (proto.dtype !== 'DT_FLOAT') {
    throw new TensorFormatError(`got a tensor of ${proto.dtype}, expected DT_FLOAT; send 32-bit floats`);
  }
  const shape = shapeFromProto(proto);
  const count = checkedElementCount(shape, limits.maxElements ?? DEFAULT_MAX_ELEMENTS);
  if (proto.tensorContent.length > 0) {
    return { shape, data: floatsFromContent(proto.tensorContent, shape, count) };
  }
  return { shape, data: floatsFromValues(proto.floatVal, shape, count) };
}

/**
 * Reads encoded images from a `DT_STRING` tensor of shape `[n]`. A scalar is taken as one image. The
 * images share the received message's memory.
 * @throws TensorFormatError when the type is not `DT_STRING` or there are not as many images as the shape says
 */
export function imagesFromProto(proto: TensorProto__Output): Uint8Array[] {
  if (proto.dtype !== 'DT_STRING') {
    throw new TensorFormatError(
      `got a tensor of ${proto.dtype}, expected DT_STRING; send encoded images (JPEG, PNG, …) as strings`,
    );
  }
  const shape = shapeFromProto(proto);
  if (shape.length > 1) {
    throw new TensorFormatError(
      `got images in a tensor of shape ${formatShape(shape)}, expected [n]; send a list of encoded images`,
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
        'make the shape say how many images there are',
    );
  }
  return proto.stringVal;
}

function floatsFromContent(content: Buffer, shape: readonly number[], count: number): Float32Array {
  if (content.length !== count * Float32Array.BYTES_PER_ELEMENT) {
    throw new TensorFormatError(
      `got ${content.length} bytes of tensor_content for a tensor of shape ${formatShape(shape)}, ` +
        `expected ${count * Float32Array.BYTES_PER_ELEMENT}; send 4 little-endian bytes an element`,
    );
  }
  const data = new Float32Array(count);
  // A message's bytes lie wherever the message before them ended: rarely where a float may begin.
  new Uint8Array(data.buffer).set(content);
  return data;
}

function floatsFromValues(values: readonly number[], shape: readonly number[], count: number): Float32Array {
  const [only] = values;
  if (values.length === 1) {
    return new Float32Array(count).fill(only);
  }
  if (values.length !== count) {
    throw new TensorFormatError(
      `got ${values.length} values in float_val for a tensor of shape ${formatShape(shape)}, ` +
        `expected ${count} (or one value for all of them); send the elements in float_val or tensor_content`,
    );
  }
  return Float32Array.from(values);
}

function shapeToProto(shape: readonly number[]): NonNullable<TensorProto['tensorShape']> {
  return { dim: shape.map((size) => ({ size })) };
}

function shapeFromProto(proto: TensorProto__Output): number[] {
  if (proto.tensorShape?.unknownRank) {
    throw new TensorFormatError('got a tensor of unknown rank, expected sizes; give its shape');
  }
  return (proto.tensorShape?.dim ?? []).map(({ size }) => size);
}

function checkedElementCount(shape: readonly number[], maxElements: number): number {
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new TensorFormatError(
      `got a tensor of shape ${formatShape(shape)}, expected whole sizes of at least 0; give every size`,
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
