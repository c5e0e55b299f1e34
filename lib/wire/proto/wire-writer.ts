import type { WireType } from './wire-type';

/** Smaller `bytes` take less time to copy than to send as a part of their own. */
const LARGE_BYTES = 4096;

const FIRST_CHUNK_BYTES = 512;
const MAX_CHUNK_BYTES = 256 * 1024;

/**
 * Writes protobuf's wire format from the end of a message to its start, so that the length of a nested message is known when it is
 * written in front of it. Callers write each value before its tag, and the last field first.
 */
export class WireWriter {
  /** Last part first. */
  private readonly parts: Buffer[] = [];
  private partBytes = 0;
  private nextChunkBytes = FIRST_CHUNK_BYTES;
  private chunk = Buffer.alloc(0);
  /** Start of what is written of the chunk. */
  private position = 0;

  /** Number of bytes written so far. */
  get size(): number {
    return this.partBytes + this.chunk.length - this.position;
  }

  /** Returns the parts of the message. Large `bytes` are parts that share the memory of the value. */
  finish(): Buffer[] {
    this.endPart();
    return this.parts.reverse();
  }

  tag(field: number, wireType: WireType): this {
    return this.uint32((field << 3) | wireType);
  }

  /** Writes the length of what was written since the writer had a size. */
  lengthSince(size: number): this {
    return this.uint32(this.size - size);
  }

  /** Negative integers take 10 bytes. */
  int32(value: number): this {
    return this.varint(value, value >> 31);
  }

  uint32(value: number): this {
    return this.varint(value, 0);
  }

  int64(value: number): this {
    return this.varint(value, Math.floor(value / 2 ** 32));
  }

  bool(value: boolean): this {
    return this.varint(value ? 1 : 0, 0);
  }

  fixed32(value: number): this {
    this.reserve(4);
    this.chunk.writeUInt32LE(value >>> 0, this.position);
    return this;
  }

  float(value: number): this {
    this.reserve(4);
    this.chunk.writeFloatLE(value, this.position);
    return this;
  }

  double(value: number): this {
    this.reserve(8);
    this.chunk.writeDoubleLE(value, this.position);
    return this;
  }

  /** Writes the memory of a value as bytes. */
  bytes(value: ArrayBufferView): this {
    const { buffer, byteOffset, byteLength } = value;
    const content = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
    if (byteLength >= LARGE_BYTES) {
      this.endPart();
      this.add(content);
    } else {
      this.reserve(byteLength);
      this.chunk.set(content, this.position);
    }
    return this.uint32(byteLength);
  }

  string(value: string): this {
    const bytes = Buffer.byteLength(value);
    this.reserve(bytes);
    this.chunk.write(value, this.position);
    return this.uint32(bytes);
  }

  /**
   * @param low lower 32 bits
   * @param high upper 32 bits
   */
  private varint(low: number, high: number): this {
    let rest = low >>> 0;
    let upper = high >>> 0;
    this.reserve(varintBytes(rest, upper));
    let { position } = this;
    while (upper !== 0 || rest >= 0x80) {
      this.chunk[position] = (rest & 0x7f) | 0x80;
      rest = ((rest >>> 7) | (upper << 25)) >>> 0;
      upper >>>= 7;
      position += 1;
    }
    this.chunk[position] = rest;
    return this;
  }

  private reserve(bytes: number): void {
    if (this.position < bytes) {
      this.endPart();
      this.chunk = Buffer.allocUnsafe(Math.max(this.nextChunkBytes, bytes));
      this.position = this.chunk.length;
      this.nextChunkBytes = Math.min(2 * this.nextChunkBytes, MAX_CHUNK_BYTES);
    }
    this.position -= bytes;
  }

  private endPart(): void {
    const { chunk, position } = this;
    if (position < chunk.length) {
      this.add(chunk.subarray(position));
      this.chunk = chunk.subarray(0, position);
    }
  }

  private add(part: Buffer): void {
    this.parts.push(part);
    this.partBytes += part.length;
  }
}

function varintBytes(low: number, high: number): number {
  const bits = high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high);
  return Math.max(Math.ceil(bits / 7), 1);
}
