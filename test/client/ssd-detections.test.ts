import fc from 'fast-check';

import { ssdDetections, type Detection, type DetectionBox, type FloatTensor } from '../../lib/client';
import { elementCount } from '../../lib/wire/tensor';

const GRIDS = [
  [37, 4],
  [19, 6],
  [10, 6],
  [5, 6],
  [3, 4],
  [1, 4],
] as const;

interface Found {
  /** Position in the list of feature maps. */
  readonly map: number;
  readonly cell: number;
  readonly box: number;
  readonly classIndex: number;
  readonly logit: number;
  readonly offsets?: readonly number[] | undefined;
  readonly image?: number | undefined;
}

/** Outputs in which all boxes are background, except those found. */
function outputsOf(found: readonly Found[], { classes = 21, images = 1 } = {}): FloatTensor[] {
  const tensors = [classes, 4].map((last) =>
    GRIDS.map(([grid, boxes]): { shape: number[]; data: Float32Array } => {
      const shape = [images, grid, grid, boxes, last];
      return { shape, data: new Float32Array(elementCount(shape)) };
    }),
  );
  const [logits = [], offsets = []] = tensors;
  logits.forEach(({ data }) => {
    for (let at = 0; at < data.length; at += classes) {
      data[at] = 10;
    }
  });
  for (const { map, cell, box, classIndex, logit, offsets: moved = [], image = 0 } of found) {
    const [grid, boxes] = GRIDS[map];
    const at = (image * grid * grid + cell) * boxes + box;
    const scores = logits[map].data.subarray(at * classes, (at + 1) * classes);
    scores.fill(0);
    scores.set([logit], classIndex);
    offsets[map].data.set(moved, at * 4);
  }
  return [...logits, ...offsets];
}

function only(detections: readonly Detection[][]): Detection {
  const detection = detections.flat().at(0);
  if (!detection || detections.flat().length > 1) {
    throw new Error(`expected one detection, found ${detections.flat().length}`);
  }
  return detection;
}

function expectBox(box: DetectionBox, expected: readonly number[]): void {
  [box.top, box.left, box.bottom, box.right].forEach((edge, index) => {
    expect(edge).toBeCloseTo(expected[index] ?? NaN, 6);
  });
}

describe('the detections of SSD-VGG', () => {
  it('are none if everything is background', () => {
    expect(ssdDetections(outputsOf([], { images: 2 }))).toEqual([[], []]);
  });

  it('are default boxes moved and scaled by the offsets', () => {
    // The small square of the cell in the center of the 3 x 3 map: 207 of 300 pixels around (150, 150).
    const still = only(ssdDetections(outputsOf([{ map: 4, cell: 4, box: 0, classIndex: 7, logit: 30 }])));
    expect(still).toMatchObject({ classIndex: 7, probability: expect.closeTo(1, 6) as number });
    expectBox(still.box, [0.155, 0.155, 0.845, 0.845]);
    // A tenth of its width to the right for each 1, and e^0.2 as high for each 1.
    const offsets = [1, 0, 0, -1];
    const moved = only(
      ssdDetections(outputsOf([{ map: 4, cell: 4, box: 0, classIndex: 7, logit: 30, offsets }])),
    );
    const half = 0.345 * Math.exp(-0.2);
    expectBox(moved.box, [0.5 - half, 0.155 + 0.069, 0.5 + half, 0.845 + 0.069]);
  });

  it('use the aspect ratios 1, 2, 1/2, 3 and 1/3, and a large square', () => {
    const box = (index: number) =>
      only(ssdDetections(outputsOf([{ map: 2, cell: 44, box: index, classIndex: 1, logit: 30 }]))).box;
    const sizes = [0, 1, 2, 3, 4, 5].map((index) => {
      const { top, left, bottom, right } = box(index);
      return [(right - left) * 300, (bottom - top) * 300];
    });
    const expected = [
      [99, 99],
      [Math.sqrt(99 * 153), Math.sqrt(99 * 153)],
      [99 * Math.sqrt(2), 99 / Math.sqrt(2)],
      [99 / Math.sqrt(2), 99 * Math.sqrt(2)],
      [99 * Math.sqrt(3), 99 / Math.sqrt(3)],
      [99 / Math.sqrt(3), 99 * Math.sqrt(3)],
    ];
    sizes.flat().forEach((size, index) => {
      expect(size).toBeCloseTo(expected.flat()[index] ?? NaN, 3);
    });
  });

  it('end at the edges of the image', () => {
    const { box } = only(
      ssdDetections(
        outputsOf([{ map: 5, cell: 0, box: 1, classIndex: 1, logit: 30, offsets: [0, 0, 5, 5] }]),
      ),
    );
    expect(box).toEqual({ top: 0, left: 0, bottom: 1, right: 1 });
  });

  it('belong to their image of a batch', () => {
    const found = [{ map: 4, cell: 4, box: 0, classIndex: 3, logit: 30, image: 1 }];
    expect(ssdDetections(outputsOf(found, { images: 3 })).map(({ length }) => length)).toEqual([0, 1, 0]);
  });

  it('keep the more probable one of two boxes of a class that overlap, and both of different classes', () => {
    const near = { map: 4, cell: 4, box: 0, offsets: [0.1, 0.1, 0, 0] };
    const detect = (classIndex: number) =>
      ssdDetections(
        outputsOf([
          { ...near, classIndex, logit: 25 },
          { map: 4, cell: 4, box: 1, classIndex: 5, logit: 5 },
        ]),
      ).flat();
    expect(detect(5).map(({ classIndex }) => classIndex)).toEqual([5]);
    expect(detect(6).map(({ classIndex }) => classIndex)).toEqual([6, 5]);
  });

  it('carry the labels of their classes', () => {
    const labels = Array.from({ length: 21 }, (_, index) => `label ${index}`);
    const found = outputsOf([{ map: 4, cell: 4, box: 0, classIndex: 20, logit: 30 }]);
    expect(only(ssdDetections(found, { labels })).label).toBe('label 20');
    expect(() => ssdDetections(found, { labels: ['cat'] })).toThrow(
      'got 1 labels for 21 classes; pass one label per class, the background first',
    );
  });

  it('are the same for outputs in any order, with four classes too', () => {
    const found = [{ map: 0, cell: 700, box: 2, classIndex: 3, logit: 30 }];
    const outputs = outputsOf(found);
    expect(ssdDetections([...outputs].reverse())).toEqual(ssdDetections(outputs));
    expect(only(ssdDetections(outputsOf(found, { classes: 4 }))).classIndex).toBe(3);
  });

  it('need all twelve outputs, and options within their range', () => {
    const outputs = outputsOf([]);
    expect(() => ssdDetections(outputs.slice(0, 11))).toThrow(
      'expected logits [images, 1, 1, 4, classes] and box offsets [images, 1, 1, 4, 4] of SSD-VGG, received ',
    );
    expect(() => ssdDetections(outputs.slice(0, 11))).toThrow('; pass all twelve outputs of one call');
    const [logits, ...others] = outputs;
    const smaller = { ...logits, shape: [1, 37, 37, 4, 20] } as FloatTensor;
    expect(() => ssdDetections([smaller, ...others])).toThrow(
      'the outputs have different numbers of images or classes',
    );
    expect(() => ssdDetections(outputs, { threshold: 1.5 })).toThrow(
      'threshold is 1.5; expected a number from 0 to 1',
    );
    expect(() => ssdDetections(outputs, { top: 0 })).toThrow(
      'top is 0; expected a whole number of at least 1',
    );
    expect(() => ssdDetections(outputs, { maxOverlop: 0.5 } as object)).toThrow(
      'unknown property maxOverlop; did you mean maxOverlap?',
    );
    expect(() => ssdDetections(outputs, { maxOverlap: -1 })).toThrow(
      'maxOverlap is -1; expected a number from 0 to 1',
    );
  });

  const anyFound = fc.record({
    map: fc.constantFrom(3, 4, 5),
    cell: fc.nat(8),
    box: fc.nat(3),
    classIndex: fc.integer({ min: 1, max: 20 }),
    logit: fc.float({ min: -50, max: 50, noNaN: true }),
    offsets: fc.tuple(...[0, 1, 2, 3].map(() => fc.float({ min: -10, max: 10, noNaN: true }))),
  });

  it('are ordered, above the threshold, in the image, few enough, and apart from others of their class', () => {
    fc.assert(
      fc.property(
        fc.array(anyFound, { maxLength: 30 }),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        fc.integer({ min: 1, max: 20 }),
        (found, threshold, top) => {
          const inMap = found.map((each) => (each.map === 5 ? { ...each, cell: 0 } : each));
          const detections = ssdDetections(outputsOf(inMap), { threshold, top }).flat();
          expect(detections.length).toBeLessThanOrEqual(top);
          detections.forEach(({ probability, box, classIndex }, index) => {
            expect(probability).toBeGreaterThan(threshold);
            expect(probability).toBeLessThanOrEqual(detections[index - 1]?.probability ?? 1);
            expect(Math.min(box.top, box.left)).toBeGreaterThanOrEqual(0);
            expect(Math.max(box.bottom, box.right)).toBeLessThanOrEqual(1);
            const same = detections.slice(0, index).filter((other) => other.classIndex === classIndex);
            expect(same.every((other) => !(intersectionOverUnion(other.box, box) > 0.45 + 1e-9))).toBe(true);
          });
        },
      ),
      { numRuns: 25 },
    );
  });
});

function intersectionOverUnion(left: DetectionBox, right: DetectionBox): number {
  const height = Math.min(left.bottom, right.bottom) - Math.max(left.top, right.top);
  const width = Math.min(left.right, right.right) - Math.max(left.left, right.left);
  const intersection = Math.max(0, height) * Math.max(0, width);
  const area = ({ top, left: start, bottom, right: end }: DetectionBox) => (bottom - top) * (end - start);
  return intersection / (area(left) + area(right) - intersection);
}
