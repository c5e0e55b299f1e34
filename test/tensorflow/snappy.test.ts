import fc from 'fast-check';

import { decompressSnappy } from '../../lib/tensorflow/snappy';
import { literalSnappy, varint } from './support/checkpoint-writer';

/** What a Snappy compressor may write: bytes, or a run that was written before. */
type Element =
  | { readonly literal: Uint8Array }
  | { readonly offset: number; readonly count: number; readonly form: 1 | 2 | 4 };

const literal = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes): Element => ({ literal: bytes }));
const copy = fc
  .record({
    offset: fc.integer({ min: 1, max: 70_000 }),
    count: fc.integer({ min: 1, max: 64 }),
    form: fc.constantFrom(1, 2, 4),
  })
  .map((element) => element as Element);

/** Encodes elements, with copies brought into the limits of their form and of what was written. */
function encode(elements: readonly Element[]): { packed: Buffer; plain: Buffer } {
  let plain: Buffer = Buffer.alloc(0);
  const parts: Buffer[] = [];
  for (const element of elements) {
    if ('literal' in element) {
      const { length } = element.literal;
      parts.push(
        length <= 60
          ? Buffer.from([(length - 1) << 2])
          : Buffer.from([61 << 2, (length - 1) & 0xff, (length - 1) >> 8]),
        Buffer.from(element.literal),
      );
      plain = Buffer.concat([plain, element.literal]);
      continue;
    }
    if (plain.length === 0) {
      continue;
    }
    const { form } = element;
    const offset = Math.min(element.offset, plain.length, form === 1 ? 0x7ff : 0xffff);
    const count = form === 1 ? 4 + (element.count % 8) : element.count;
    if (form === 1) {
      parts.push(Buffer.from([1 | ((count - 4) << 2) | ((offset >> 8) << 5), offset & 0xff]));
    } else {
      const place = Buffer.alloc(form);
      place.writeUIntLE(offset, 0, form);
      parts.push(Buffer.from([(form === 2 ? 2 : 3) | ((count - 1) << 2)]), place);
    }
    for (let left = count; left > 0; left -= 1) {
      plain = Buffer.concat([plain, plain.subarray(plain.length - offset, plain.length - offset + 1)]);
    }
  }
  return { packed: Buffer.concat([varint(plain.length), ...parts]), plain };
}

describe('decompressing Snappy', () => {
  it('gives back what was compressed, by literals and copies of every form', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(literal, copy), { maxLength: 20 }), (elements) => {
        const { packed, plain } = encode(elements);
        expect(Buffer.from(decompressSnappy(packed, plain.length) ?? 'refused')).toEqual(plain);
      }),
    );
  });

  it('lets a copy overlap itself, which makes a run', () => {
    const packed = Buffer.from([6, 0 << 2, 0x61, 1 | ((5 - 4) << 2), 1]);
    expect(Buffer.from(decompressSnappy(packed, 100) ?? []).toString()).toBe('aaaaaa');
  });

  it('rejects a block that claims more than the limit, before it takes memory for it', () => {
    const packed = Buffer.concat([varint(2 ** 40), Buffer.from([0, 0])]);
    expect(decompressSnappy(packed, 2 ** 20)).toBeUndefined();
  });

  it.each([
    ['nothing', []],
    ['a literal that is cut short', [4, 3 << 2, 1, 2]],
    ['a copy from before the beginning', [5, 0, 1, 1, 9]],
    ['a copy from nowhere', [5, 0, 1, 1, 0]],
    ['more than it claims', [1, 1 << 2, 1, 2]],
    ['less than it claims', [9, 1 << 2, 1, 2]],
  ])('rejects %s', (_, bytes) => {
    expect(decompressSnappy(Buffer.from(bytes), 1000)).toBeUndefined();
  });

  it('answers any bytes with at most the limit, or rejects them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decompressSnappy(bytes, 4096)?.length ?? 0).toBeLessThanOrEqual(4096);
      }),
    );
  });

  it('reads literals alone', () => {
    const bytes = Buffer.from('x'.repeat(150));
    expect(Buffer.from(decompressSnappy(literalSnappy(bytes), 150) ?? [])).toEqual(bytes);
  });
});
