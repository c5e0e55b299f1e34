import { TensorFormatError } from '../../../wire/tensor-proto';
import { elementCount, formatShape, type FloatTensor } from '../../../wire/tensor';

/** An array's own memory as KServe's protocol carries it: little-endian, as on every platform that we run on. */
export function toRawContents({ data }: FloatTensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * Reads the contents of a tensor of type FP32. The result owns its memory.
 * @throws TensorFormatError when there are not as many bytes as the shape asks for
 */
export function fromRawContents(shape: readonly number[], contents: Uint8Array): FloatTensor {
  const expected = elementCount(shape) * Float32Array.BYTES_PER_ELEMENT;
  if (!shape.every((size) => size >= 0) || contents.length !== expected) {
    throw new TensorFormatError(
      `got ${contents.length} bytes for an FP32 tensor of shape ${formatShape(shape)}, expected ${expected}; ` +
        'answer 4 little-endian bytes an element',
    );
  }
  const data = new Float32Array(expected / Float32Array.BYTES_PER_ELEMENT);
  // A message's bytes lie wherever the message before them ended: rarely where a float may begin.
  new Uint8Array(data.buffer).set(contents);
  return { shape, data };
}
