import type { Writer } from 'protobufjs/light';

/** Smaller fields take less time to copy than to send as a part of their own. */
const LARGE_FIELD_BYTES = 4096;

/** What a writer still has to write. protobufjs documents these properties but does not declare their types. */
interface Operation {
  readonly fn: (value: unknown, target: Uint8Array, position: number) => void;
  readonly len: number;
  readonly val: unknown;
  readonly next: Operation | null | undefined;
}

/**
 * Finishes a message like `writer.finish()`, but does not copy large `bytes` fields: each becomes a part that shares their memory.
 * @see https://protobufjs.github.io/protobuf.js/Writer.html
 */
export function finishInParts(writer: Writer): Buffer[] {
  const parts: Buffer[] = [];
  let small: Operation[] = [];
  let bytes = 0;
  const finish = () => {
    if (bytes > 0) {
      const part = Buffer.allocUnsafe(bytes);
      let position = 0;
      for (const operation of small) {
        operation.fn(operation.val, part, position);
        position += operation.len;
      }
      parts.push(part);
      small = [];
      bytes = 0;
    }
  };
  // The first operation does nothing.
  for (let operation = (writer.head as Operation).next; operation; operation = operation.next) {
    const { val, len } = operation;
    if (len >= LARGE_FIELD_BYTES && ArrayBuffer.isView(val) && val.byteLength === len) {
      finish();
      parts.push(Buffer.from(val.buffer as ArrayBuffer, val.byteOffset, len));
    } else {
      small.push(operation);
      bytes += len;
    }
  }
  finish();
  return parts;
}

/** Returns the size of a message, in bytes. */
export function sizeOf(parts: readonly Buffer[]): number {
  return parts.reduce((size, { length }) => size + length, 0);
}
