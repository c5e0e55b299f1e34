/** Reads numbers and slices from bytes, from front to back. */
export class ByteReader {
  position = 0;

  constructor(readonly bytes: Uint8Array) {}

  get isAtEnd(): boolean {
    return this.position >= this.bytes.length;
  }

  /** @returns `undefined` at the end of the bytes */
  byte(): number | undefined {
    const value = this.bytes[this.position];
    this.position += 1;
    return value;
  }

  /**
   * A varint, at most `Number.MAX_SAFE_INTEGER`.
   * @returns `undefined` if it is truncated or too large
   */
  varint(): number | undefined {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.byte();
      if (byte === undefined) {
        return undefined;
      }
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        return value <= Number.MAX_SAFE_INTEGER ? value : undefined;
      }
    }
    return undefined;
  }

  /** @returns `undefined` if fewer bytes remain */
  slice(length: number): Uint8Array | undefined {
    const end = this.position + length;
    if (end > this.bytes.length) {
      return undefined;
    }
    const part = this.bytes.subarray(this.position, end);
    this.position = end;
    return part;
  }
}
