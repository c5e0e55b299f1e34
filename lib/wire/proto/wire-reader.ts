import { WireType, wireTypeOf } from './wire-type';

/** Maximum depth of nested messages, as in other implementations of protobuf. */
const MAX_DEPTH = 100;

/** Reads protobuf's wire format. Every method throws a RangeError if the bytes are not valid. */
export class WireReader {
  private offset = 0;
  private depth = 0;
  /** Halves of the last varint, as signed 32-bit integers. */
  private low = 0;
  private high = 0;

  constructor(private readonly message: Buffer) {}

  get position(): number {
    return this.offset;
  }

  /** Reads the number of a field (`tag >>> 3`) and its wire type (`tag & 7`). */
  tag(): number {
    const tag = this.uint32();
    if (tag >>> 3 === 0) {
      throw new RangeError(`got field 0 at byte ${this.offset}, expected 1 or more`);
    }
    return tag;
  }

  /**
   * Starts to read a value of known length, which may contain other values.
   * @returns position of its end, for `leave`
   */
  enter(): number {
    const length = this.uint32();
    this.require(length);
    this.deepen();
    return this.offset + length;
  }

  /** Ends a value that `enter` has started. */
  leave(end: number): void {
    if (this.offset !== end) {
      throw new RangeError(`a value extends to byte ${this.offset}, expected ${end}`);
    }
    this.depth -= 1;
  }

  /** Skips the value of an unknown field. */
  skip(tag: number): void {
    switch (wireTypeOf(tag)) {
      case WireType.VARINT:
        this.readVarint();
        break;
      case WireType.FIXED64:
        this.take(8);
        break;
      case WireType.LENGTH:
        this.take(this.uint32());
        break;
      case WireType.GROUP:
        this.skipGroup(tag);
        break;
      case WireType.FIXED32:
        this.take(4);
        break;
      default:
        throw new RangeError(
          `got wire type ${tag & 7} at byte ${this.offset}, expected one of 0, 1, 2, 3 and 5`,
        );
    }
  }

  int32(): number {
    this.readVarint();
    return this.low;
  }

  uint32(): number {
    this.readVarint();
    return this.low >>> 0;
  }

  /** Reads an integer, which is rounded beyond 2^53. */
  int64(): number {
    this.readVarint();
    return this.high * 2 ** 32 + (this.low >>> 0);
  }

  bool(): boolean {
    this.readVarint();
    return this.low !== 0 || this.high !== 0;
  }

  fixed32(): number {
    return this.message.readUInt32LE(this.take(4));
  }

  float(): number {
    return this.message.readFloatLE(this.take(4));
  }

  /** Reads the floats before a position, which takes a fraction of the time of as many calls of `float`. */
  floats(end: number): Float32Array {
    const count = Math.floor((end - this.offset) / Float32Array.BYTES_PER_ELEMENT);
    const floats = new Float32Array(count);
    const start = this.take(floats.byteLength);
    // Little-endian, like memory on every supported platform.
    new Uint8Array(floats.buffer).set(this.message.subarray(start, this.offset));
    return floats;
  }

  double(): number {
    return this.message.readDoubleLE(this.take(8));
  }

  /** Reads bytes, which share the memory of the message. */
  bytes(): Buffer {
    const start = this.take(this.uint32());
    return this.message.subarray(start, this.offset);
  }

  string(): string {
    const start = this.take(this.uint32());
    return this.message.toString('utf8', start, this.offset);
  }

  private readVarint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.message[this.take(1)];
      const bits = byte & 0x7f;
      if (shift <= 28) {
        low |= bits << shift;
      }
      if (shift >= 28) {
        high |= shift === 28 ? bits >>> 4 : bits << (shift - 32);
      }
      if (byte < 0x80) {
        this.low = low;
        this.high = high;
        return;
      }
    }
    throw new RangeError(`got an integer of more than 10 bytes at byte ${this.offset}`);
  }

  private skipGroup(start: number): void {
    this.deepen();
    let tag = this.tag();
    for (; wireTypeOf(tag) !== WireType.END_GROUP; tag = this.tag()) {
      this.skip(tag);
    }
    if (tag >>> 3 !== start >>> 3) {
      throw new RangeError(`group ${start >>> 3} ends as group ${tag >>> 3} at byte ${this.offset}`);
    }
    this.depth -= 1;
  }

  /** @returns position of the bytes */
  private take(bytes: number): number {
    this.require(bytes);
    const start = this.offset;
    this.offset += bytes;
    return start;
  }

  private require(bytes: number): void {
    if (this.offset + bytes > this.message.length) {
      throw new RangeError(
        `the message has ${this.message.length} bytes, expected at least ${this.offset + bytes}`,
      );
    }
  }

  private deepen(): void {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) {
      throw new RangeError(`got messages nested more than ${MAX_DEPTH} deep`);
    }
  }
}
