import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';

import { GrpcStatus as status } from '../../errors/grpc-status';
import { StatusError } from '../status-error';
import type { MessageMemory } from './message-memory';

// gRPC message framing: one byte for the compressed flag, four bytes for the length, then the message.
const PREFIX_BYTES = 5;
/** Initial buffer size for a message, allocated before any of it has arrived. */
const FIRST_BUFFER_BYTES = 1024 * 1024;

/** One message of a call, as received. */
export interface WireMessage {
  readonly compressed: boolean;
  readonly bytes: Buffer;
}

/** Prepends the prefix to a message. */
export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  framed[0] = 0;
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, PREFIX_BYTES);
  return framed;
}

/**
 * Splits the chunks of a stream into messages. A message that is too large is refused based on its prefix, before any of it is
 * buffered, and memory grows with the data received, not with the length that the prefix announces.
 */
export class MessageDecoder {
  private readonly prefix = Buffer.alloc(PREFIX_BYTES);
  private prefixFilled = 0;
  private message: Buffer | undefined;
  private messageBytes = 0;
  private messageFilled = 0;

  /** @param memory where messages are put, until they are given back. @default - new memory for each */
  constructor(
    private readonly maxMessageBytes: number,
    private readonly memory?: MessageMemory,
  ) {}

  /**
   * @returns the messages that end in this chunk
   * @throws StatusError RESOURCE_EXHAUSTED if a message exceeds the limit
   */
  push(chunk: Buffer): readonly WireMessage[] {
    const messages: WireMessage[] = [];
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
          messages.push({ compressed: this.prefix[0] !== 0, bytes });
        }
      }
    }
    return messages;
  }

  /** Returns whether the stream may end here, which is not in the middle of a message. */
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
      const first = Math.min(length, FIRST_BUFFER_BYTES);
      this.message = this.memory?.take(first) ?? Buffer.allocUnsafe(first);
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

/** Supported compressions, by the name in `grpc-encoding` and `content-encoding`. */
export const DECOMPRESSORS = new Map([
  ['gzip', promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip)],
  ['deflate', promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate)],
]);

/** Accepted request encodings, in the form of the `grpc-accept-encoding` header. */
export const ACCEPTED_ENCODINGS = ['identity', ...DECOMPRESSORS.keys()].join(',');

/**
 * Returns the bytes of a message, decompressed if necessary.
 * @param encoding value of the call's `grpc-encoding` header
 */
export function bytesOf(
  { compressed, bytes }: WireMessage,
  encoding: string,
  maxMessageBytes: number,
): Buffer | Promise<Buffer> {
  return compressed ? decompress(bytes, encoding, maxMessageBytes) : bytes;
}

async function decompress(bytes: Buffer, encoding: string, maxMessageBytes: number): Promise<Buffer> {
  const decompressor = DECOMPRESSORS.get(encoding);
  if (!decompressor) {
    throw new StatusError(
      encoding === 'identity' ? status.INTERNAL : status.UNIMPLEMENTED,
      `the message is compressed with "${encoding}", expected one of ${ACCEPTED_ENCODINGS}`,
    );
  }
  try {
    return await decompressor(bytes, { maxOutputLength: maxMessageBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw tooLarge(`more than ${maxMessageBytes} bytes when decompressed`, maxMessageBytes);
    }
    throw new StatusError(status.INTERNAL, `the message is not valid ${encoding} data`, { cause: error });
  }
}

function tooLarge(got: string, limit: number): StatusError {
  return new StatusError(
    status.RESOURCE_EXHAUSTED,
    `the message is ${got}, expected at most ${limit}; send fewer images per call`,
  );
}
