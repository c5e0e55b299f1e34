import { BrainwaveError } from '../errors/brainwave-error';
import type { TensorProto, TensorProto__Output } from './proto/types/tensorflow/TensorProto';
import { elementCount, formatShape, type FloatTensor } from './tensor';

/** Maximum number of elements of a received tensor: 64 MiB of floats. */
const DEFAULT_MAX_ELEMENTS = 16 * 1024 * 1024;

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
 * Encodes an array as `DT_FLOAT` with its bytes in `tensor_content`. The bytes share the array's memory. The machine's
 * byte order is little-endian on every supported platform, as the format requires.
 * @throws TensorFormatError if the shape does not match the number of elements
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

/** Encodes image files (JPEG, PNG, …) as `DT_STRING` of shape `[n]`, one string per image. */
export function imagesToProto(images: readonly Uint8Array[]): TensorProto {
  return { dtype: 'DT_STRING', tensorShape: shapeToProto([images.length]), stringVal: [...images] };
}

/**
 * Decodes an array of floats from `tensor_content` or from `float_val`, in which a single value fills the whole tensor.
 * The result owns its memory and does not share the received message's.
 * @throws TensorFormatError if the type is not `DT_FLOAT` or the content does not fit the shape
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
 * Decodes image files from a `DT_STRING` tensor of shape `[n]`. A scalar counts as one image. The images share the
 * received message's memory.
 * @throws TensorFormatError if the type is not `DT_STRING` or the number of images does not match the shape
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
  // The bytes can start at any offset of the received message, and floats must be aligned.
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
