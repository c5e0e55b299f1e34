import { ByteReader } from './byte-reader';

/**
 * Decompresses one Snappy block.
 * @param maxBytes maximum declared size of the decompressed block
 * @returns `undefined` if the bytes are not a Snappy block of at most `maxBytes`
 * @see https://github.com/google/snappy/blob/main/format_description.txt
 */
export function decompressSnappy(bytes: Uint8Array, maxBytes: number): Uint8Array | undefined {
  const reader = new ByteReader(bytes);
  const length = reader.varint();
  if (length === undefined || length > maxBytes) {
    return undefined;
  }
  const output = new Uint8Array(length);
  let filled = 0;
  for (let tag = reader.byte(); tag !== undefined; tag = reader.byte()) {
    if ((tag & 3) === 0) {
      const literal = literalLength(reader, tag >> 2);
      const part = literal === undefined ? undefined : reader.slice(literal);
      if (part === undefined || part.length > length - filled) {
        return undefined;
      }
      output.set(part, filled);
      filled += part.length;
    } else {
      const copy = copyOf(reader, tag);
      if (copy === undefined || copy.offset < 1 || copy.offset > filled || copy.count > length - filled) {
        return undefined;
      }
      // The source may overlap the destination, so that one byte becomes a run.
      for (const end = filled + copy.count; filled < end; filled += 1) {
        output[filled] = output[filled - copy.offset] ?? 0;
      }
    }
  }
  return filled === length ? output : undefined;
}

function literalLength(reader: ByteReader, code: number): number | undefined {
  if (code < 60) {
    return code + 1;
  }
  const size = littleEndian(reader, code - 59);
  return size === undefined ? undefined : size + 1;
}

function copyOf(reader: ByteReader, tag: number): { offset: number; count: number } | undefined {
  const isShort = (tag & 3) === 1;
  const low = littleEndian(reader, isShort ? 1 : (tag & 3) === 2 ? 2 : 4);
  if (low === undefined) {
    return undefined;
  }
  return isShort
    ? { offset: ((tag >> 5) << 8) | low, count: ((tag >> 2) & 7) + 4 }
    : { offset: low, count: (tag >> 2) + 1 };
}

function littleEndian(reader: ByteReader, size: number): number | undefined {
  const bytes = reader.slice(size);
  return bytes?.reduceRight((value, byte) => value * 256 + byte, 0);
}
