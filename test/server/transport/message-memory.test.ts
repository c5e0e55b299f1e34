import fc from 'fast-check';

import { frame, MessageDecoder } from '../../../lib/server/transport/message-framing';
import { MessageMemory } from '../../../lib/server/transport/message-memory';

const KIBIBYTE = 1024;

describe('memory of messages', () => {
  it('is used again when a message has been given back, for every size that fits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 129, max: 256 }), fc.integer({ min: 129, max: 256 }), (before, after) => {
        const memory = new MessageMemory();
        const first = memory.take(before * KIBIBYTE);
        memory.giveBack(first);
        const second = memory.take(after * KIBIBYTE);
        expect(second.buffer).toBe(first.buffer);
        expect(second).toHaveLength(after * KIBIBYTE);
      }),
    );
  });

  it('belongs to one message at a time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ bytes: fc.nat(1500 * KIBIBYTE), keep: fc.boolean() }), { maxLength: 30 }),
        (messages) => {
          const memory = new MessageMemory();
          const inUse = new Set<ArrayBufferLike>();
          for (const { bytes, keep } of messages) {
            const message = memory.take(bytes);
            expect(message).toHaveLength(bytes);
            expect(inUse).not.toContain(message.buffer);
            if (keep && bytes > 4 * KIBIBYTE) {
              inUse.add(message.buffer);
            } else {
              memory.giveBack(message);
            }
          }
        },
      ),
    );
  });

  it('of large messages is released, and of all others up to 8 MiB are kept', () => {
    const memory = new MessageMemory();
    const large = memory.take(1025 * KIBIBYTE);
    memory.giveBack(large);
    expect(memory.take(1025 * KIBIBYTE).buffer).not.toBe(large.buffer);
    const many = Array.from({ length: 9 }, () => memory.take(1024 * KIBIBYTE));
    many.forEach((message) => {
      memory.giveBack(message);
    });
    const again = new Set(many.map(() => memory.take(1024 * KIBIBYTE).buffer));
    expect(many.filter(({ buffer }) => again.has(buffer))).toHaveLength(8);
  });

  it('that is used again contains nothing of the message before', () => {
    const memory = new MessageMemory();
    const decode = (content: Buffer) => new MessageDecoder(1e6, memory).push(frame(content))[0].bytes;
    const first = decode(Buffer.alloc(200_000, 1));
    memory.giveBack(first);
    const second = decode(Buffer.alloc(150_000, 2));
    expect(second.buffer).toBe(first.buffer);
    expect(second.equals(Buffer.alloc(150_000, 2))).toBe(true);
  });
});
