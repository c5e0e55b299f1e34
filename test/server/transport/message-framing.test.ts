import { gzipSync } from 'node:zlib';

import { status } from '@grpc/grpc-js';
import fc from 'fast-check';

import { bytesOf, frame, MessageDecoder } from '../../../lib/server/transport/message-framing';

/** Cuts bytes wherever the numbers say. */
function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let rest = bytes;
  for (const length of lengths) {
    chunks.push(rest.subarray(0, length));
    rest = rest.subarray(length);
  }
  return [...chunks, rest];
}

describe('messages', () => {
  it('come out as they went in, however the stream is cut', () => {
    const message = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(40)), (messages, lengths) => {
        const decoder = new MessageDecoder(1000);
        const chunks = cut(Buffer.concat(messages.map(frame)), lengths);
        const decoded = chunks.flatMap((chunk) => [...decoder.push(chunk)]);
        expect(decoded.map(({ bytes }) => [...bytes])).toEqual(messages.map((bytes) => [...bytes]));
        expect(decoder.complete).toBe(true);
      }),
    );
  });

  it('are incomplete until their last byte has come', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(), (message, position) => {
        const framed = frame(message);
        const decoder = new MessageDecoder(1000);
        const before = framed.subarray(0, 1 + (position % (framed.length - 1)));
        expect([...decoder.push(before)]).toEqual([]);
        expect(decoder.complete).toBe(false);
        expect([...decoder.push(framed.subarray(before.length))]).toHaveLength(1);
      }),
    );
  });

  it('of megabytes are put together from what has come, whatever the prefix promises', () => {
    const message = Buffer.alloc(5_000_000, 7);
    const decoder = new MessageDecoder(10_000_000);
    const decoded = cut(frame(message), new Array<number>(100).fill(50_000)).flatMap((chunk) => [
      ...decoder.push(chunk),
    ]);
    expect(decoded).toHaveLength(1);
    expect(decoded[0].bytes.equals(message)).toBe(true);
  });

  it('over the limit are rejected by their prefix', () => {
    const prefix = frame(Buffer.alloc(11)).subarray(0, 5);
    expect(() => [...new MessageDecoder(10).push(prefix)]).toThrow(
      'the message is 11 bytes, expected at most 10; send fewer images per call',
    );
  });
});

describe('decompression', () => {
  it('gives back what was compressed, up to the limit and not a byte more', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 2, maxLength: 1000 }), async (bytes) => {
        const message = { compressed: true, bytes: gzipSync(bytes) };
        expect(await bytesOf(message, 'gzip', bytes.length)).toEqual(Buffer.from(bytes));
        await expect(bytesOf(message, 'gzip', bytes.length - 1)).rejects.toMatchObject({
          status: status.RESOURCE_EXHAUSTED,
        });
      }),
      { numRuns: 30 },
    );
  });
});
