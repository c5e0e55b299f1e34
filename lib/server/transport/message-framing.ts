import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';

import { status } from '@grpc/grpc-js';

import { StatusError } from '../status-error';

// gRPC over HTTP/2: a byte that says whether the message is compressed, four of its length, the message.
const PREFIX_BYTES = 5;
/** How much is set aside for a message before any of it has come. */
const FIRST_BUFFER_BYTES = 1024 * 1024;

/** One message of a call, as it stood on the wire. */
export interface WireMessage {
  readonly compressed: boolean;
  readonly bytes: Buffer;
}

/** Puts a message's prefix before it. */
export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  framed[0] = 0;
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, PREFIX_BYTES);
  return framed;
}

/**
 * Cuts a stream's chunks into messages. A message that is too large is refused by its prefix, before its
 * bytes are kept, and memory grows with what has come, not with what the prefix promises.
 */
export class MessageDecoder {
  private readonly prefix = Buffer.alloc(PREFIX_BYTES);
  private prefixFilled = 0;
  private message: Buffer | undefined;
  private messageBytes = 0;
  private messageFilled = 0;

  constructor(private readonly maxMessageBytes: number) {}

  /** @throws StatusError RESOURCE_EXHAUSTED for a message over the limit */
  *push(chunk: Buffer): Generator<WireMessage> {
    let offset = 0;
    while (offset < chunk.length) {
      if (!this.message) {
        offset += this.fillPrefix(chunk, offset);
      }
      if (this.message) {
        offset += this.fillMessage(this.message, chunk, offset);
        if (this.messageFilled === this.messageBytes) {
          const bytes = this.message;
          this.message = undefined;
          this.prefixFilled = 0;
          yield { compressed: this.prefix[0] !== 0, bytes };
        }
      }
    }
  }

  /** Whether the stream may end here: not in the middle of a message. */
  get complete(): boolean {
    return !this.message && this.prefixFilled === 0;
  }

  private fillPrefix(chunk: Buffer, offset: number): number {
    const copied = chunk.copy(
      this.prefix,
      this.prefixFilled,
      offset,
      offset + PREFIX_BYTES - this.prefixFilled,
    );
    this.prefixFilled += copied;
    if (this.prefixFilled === PREFIX_BYTES) {
      const length = this.prefix.readUInt32BE(1);
      if (length > this.maxMessageBytes) {
        throw tooLarge(`${length} bytes`, this.maxMessageBytes);
      }
      this.message = Buffer.allocUnsafe(Math.min(length, FIRST_BUFFER_BYTES));
      this.messageBytes = length;
      this.messageFilled = 0;
    }
    return copied;
  }

  private fillMessage(message: Buffer, chunk: Buffer, offset: number): number {
    const count = Math.min(chunk.length - offset, this.messageBytes - this.messageFilled);
    let target = message;
    if (this.messageFilled + count > target.length) {
      const size = Math.max(this.messageFilled + count, 2 * target.length);
      target = Buffer.allocUnsafe(Math.min(size, this.messageBytes));
      message.copy(target, 0, 0, this.messageFilled);
      this.message = target;
    }
    chunk.copy(target, this.messageFilled, offset, offset + count);
    this.messageFilled += count;
    return count;
  }
}

const decompressors = new Map([
  ['gzip', promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip)],
  ['deflate', promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate)],
]);

/** The encodings that requests may have, as `grpc-accept-encoding` names them. */
export const ACCEPTED_ENCODINGS = ['identity', ...decompressors.keys()].join(',');

/**
 * A message's bytes, decompressed where it is compressed.
 * @param encoding the call's `grpc-encoding`
 */
export async function decompress(
  message: WireMessage,
  encoding: string,
  maxMessageBytes: number,
): Promise<Buffer> {
  if (!message.compressed) {
    return message.bytes;
  }
  const decompressor = decompressors.get(encoding);
  if (!decompressor) {
    throw new StatusError(
      encoding === 'identity' ? status.INTERNAL : status.UNIMPLEMENTED,
      `the message is compressed with "${encoding}"; accepted are ${ACCEPTED_ENCODINGS}`,
    );
  }
  try {
    return await decompressor(message.bytes, { maxOutputLength: maxMessageBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw tooLarge(`more than ${maxMessageBytes} bytes when decompressed`, maxMessageBytes);
    }
    throw new StatusError(status.INTERNAL, `the message is not ${encoding}`, { cause: error });
  }
}

function tooLarge(got: string, limit: number): StatusError {
  return new StatusError(
    status.RESOURCE_EXHAUSTED,
    `the message is ${got}; at most ${limit} are accepted: send fewer images in one call`,
  );
}
