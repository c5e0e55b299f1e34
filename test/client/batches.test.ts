import fc from 'fast-check';

import { splitIntoBatches } from '../../lib/client/batches';

describe('batches of images', () => {
  const images = fc.array(
    fc.integer({ min: 1, max: 30 }).map((size) => new Uint8Array(size)),
    { maxLength: 40 },
  );
  const limits = fc.record({
    maxBytes: fc.integer({ min: 1, max: 60 }),
    maxImages: fc.integer({ min: 1, max: 8 }),
  });

  it('contain every image once, in order', () => {
    fc.assert(
      fc.property(images, limits, (all, limit) => {
        const flat = splitIntoBatches(all, limit).flat();
        expect(flat).toHaveLength(all.length);
        expect(flat.every((image, index) => image === all[index])).toBe(true);
      }),
    );
  });

  it('observe both limits, except for a single image that exceeds one', () => {
    fc.assert(
      fc.property(images, limits, (all, { maxBytes, maxImages }) => {
        for (const batch of splitIntoBatches(all, { maxBytes, maxImages })) {
          const bytes = batch.reduce((sum, image) => sum + image.length, 0);
          expect(batch.length === 1 || (bytes <= maxBytes && batch.length <= maxImages)).toBe(true);
          expect(batch.length).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('use a single batch if all images fit', () => {
    expect(
      splitIntoBatches([new Uint8Array(5), new Uint8Array(5)], { maxBytes: 10, maxImages: 2 }),
    ).toHaveLength(1);
  });
});
