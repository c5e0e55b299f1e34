const SMALLEST_BYTES = 32 * 1024;
/** Larger messages are rare, and their memory is released after them. */
const LARGEST_BYTES = 1024 * 1024;
const KEPT_BYTES = 8 * 1024 * 1024;

/**
 * Memory of messages, which is used again after their calls. V8 collects all garbage for every 10 MB that buffers take outside of
 * its heap. With an image of 240 kB per call, that took as much processor time as the rest of the transport.
 */
export class MessageMemory {
  /** Free memory by its size, which is a power of two. */
  private readonly free = new Map<number, ArrayBufferLike[]>();
  private freeBytes = 0;

  /** Returns a buffer for a message. Its content is undefined. */
  take(bytes: number): Buffer {
    if (bytes < SMALLEST_BYTES || bytes > LARGEST_BYTES) {
      return Buffer.allocUnsafe(bytes);
    }
    const size = 2 ** Math.ceil(Math.log2(bytes));
    const known = this.free.get(size)?.pop();
    this.freeBytes -= known?.byteLength ?? 0;
    return Buffer.from(known ?? new ArrayBuffer(size), 0, bytes);
  }

  /** Takes back the buffer of a message that nobody reads anymore. */
  giveBack({ buffer, length }: Buffer): void {
    const { byteLength: size } = buffer;
    const isOurs = length >= SMALLEST_BYTES && size <= LARGEST_BYTES && Number.isInteger(Math.log2(size));
    if (!isOurs || this.freeBytes + size > KEPT_BYTES) {
      return;
    }
    const ofSize = this.free.get(size) ?? [];
    this.free.set(size, ofSize);
    ofSize.push(buffer);
    this.freeBytes += size;
  }
}
