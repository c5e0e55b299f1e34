const POLYNOMIAL = 0x82f63b78;
const MASK_DELTA = 0xa282ead8;

/** Bytes that are processed at once: one by one, the 100 MB of a ResNet-50 take seconds. */
const STRIDE = 8;

/**
 * For each place in a stride, from the last to the first: the checksum of a byte at that place.
 * @see https://en.wikipedia.org/wiki/Computation_of_cyclic_redundancy_checks#Slicing-by-8
 */
const table = new Int32Array(STRIDE * 256);
for (let byte = 0; byte < 256; byte += 1) {
  let crc = byte;
  for (let bit = 0; bit < STRIDE * 8; bit += 1) {
    crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    if (bit % 8 === 7) {
      table[(bit >>> 3) * 256 + byte] = crc;
    }
  }
}

/** CRC-32C (Castagnoli) of bytes, unsigned. */
export function crc32c(bytes: Uint8Array): number {
  const of = (place: number, byte: number) => table[place * 256 + (byte & 0xff)] ?? 0;
  const { length } = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  let crc = -1;
  let at = 0;
  for (; at + STRIDE <= length; at += STRIDE) {
    const first = crc ^ view.getInt32(at, true);
    const second = view.getInt32(at + 4, true);
    crc =
      of(7, first) ^
      of(6, first >>> 8) ^
      of(5, first >>> 16) ^
      of(4, first >>> 24) ^
      of(3, second) ^
      of(2, second >>> 8) ^
      of(1, second >>> 16) ^
      of(0, second >>> 24);
  }
  for (; at < length; at += 1) {
    crc = (crc >>> 8) ^ of(0, crc ^ view.getUint8(at));
  }
  return ~crc >>> 0;
}

/**
 * The form in which TensorFlow stores a checksum: rotated and offset, because the checksum of data that contains its
 * own checksum is weak.
 * @see https://github.com/google/leveldb/blob/main/util/crc32c.h
 */
export function maskCrc32c(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}
