import fc from 'fast-check';

import { crc32c, maskCrc32c } from '../../lib/tensorflow/crc32c';

describe('a CRC-32C', () => {
  // Vectors of RFC 3720, appendix B.4.
  it.each([
    ['zeros', Buffer.alloc(32), 0x8a9136aa],
    ['ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['counting up', Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
    ['nine digits', Buffer.from('123456789'), 0xe3069283],
  ])('is that of the standard: %s', (_, bytes, checksum) => {
    expect(crc32c(bytes)).toBe(checksum);
  });

  it('is the same wherever the bytes lie in memory, and however many they are', () => {
    const bitByBit = (bytes: Uint8Array): number => {
      let crc = -1;
      for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit += 1) {
          crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
        }
      }
      return ~crc >>> 0;
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), fc.nat(8), (bytes, start) => {
        const part = bytes.subarray(start);
        expect(crc32c(part)).toBe(bitByBit(part));
      }),
    );
  });

  it('is masked by a rotation and an offset', () => {
    expect(maskCrc32c(0)).toBe(0xa282ead8);
    expect(maskCrc32c(0x8000)).toBe(0xa282ead9);
    expect(maskCrc32c(1)).toBe(0xa284ead8);
  });
});
