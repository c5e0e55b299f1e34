import { InvalidInputError } from '../errors/prediction-errors';
import { outOfRange, wholeNumber, type NumberRange } from '../validation/number-range';
import type { KnownKeys } from '../validation/known-keys';
import { softmaxTerms } from '../wire/softmax';
import { formatShape, type FloatTensor } from '../wire/tensor';
import { requireKnownOptions } from './prediction-client-options';

/** Object that SSD-VGG found in an image. */
export interface Detection {
  /** Index of the class in the model's output. Class 0 is the background, which is never detected. */
  readonly classIndex: number;
  /** Label of the class, if labels were given. */
  readonly label?: string | undefined;
  /** Probability of the class, from 0 to 1. */
  readonly probability: number;
  readonly box: DetectionBox;
}

/** Bounding box, in parts of the image's height and width: 0 is the top or left edge, 1 the bottom or right edge. */
export interface DetectionBox {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** Options for turning the outputs of SSD-VGG into detections. The defaults are those of `azureml-accel-models`. */
export interface DetectionOptions {
  /** Labels of all classes, the background first. */
  readonly labels?: readonly string[] | undefined;
  /**
   * Probability that a detection must exceed.
   * @default 0.5
   */
  readonly threshold?: number | undefined;
  /**
   * Maximum number of boxes per image that are compared for overlap; the most probable ones are kept.
   * @default 400
   */
  readonly top?: number | undefined;
  /**
   * Of two boxes of the same class whose intersection over union reaches this number, the less probable one is dropped.
   * @default 0.45
   */
  readonly maxOverlap?: number | undefined;
}

const DETECTION_OPTIONS: KnownKeys<DetectionOptions> = {
  labels: true,
  threshold: true,
  top: true,
  maxOverlap: true,
};

/** Default boxes around the cells of a square feature map, in pixels of the 300 x 300 input. */
interface FeatureMap {
  /** Cells per side. */
  readonly grid: number;
  /** Distance between the centers of two cells. */
  readonly step: number;
  /** Side of the small square box; the large one has the geometric mean of both numbers. */
  readonly sizes: readonly [number, number];
  /** Aspect ratios of the other boxes, which have the area of the small square. */
  readonly ratios: readonly number[];
}

const INPUT_PIXELS = 300;
const BOX_NUMBERS = 4;
const CENTER_VARIANCE = 0.1;
const SIZE_VARIANCE = 0.2;

/**
 * SSD-300 on VGG-16, as Project Brainwave runs it: its first feature map has 37 cells per side instead of 38.
 * @see https://arxiv.org/abs/1512.02325
 * @see https://pypi.org/project/azureml-accel-models/
 */
const FEATURE_MAPS: readonly FeatureMap[] = [
  { grid: 37, step: 8, sizes: [21, 45], ratios: [2, 1 / 2] },
  { grid: 19, step: 16, sizes: [45, 99], ratios: [2, 1 / 2, 3, 1 / 3] },
  { grid: 10, step: 32, sizes: [99, 153], ratios: [2, 1 / 2, 3, 1 / 3] },
  { grid: 5, step: 64, sizes: [153, 207], ratios: [2, 1 / 2, 3, 1 / 3] },
  { grid: 3, step: 100, sizes: [207, 261], ratios: [2, 1 / 2] },
  { grid: 1, step: 300, sizes: [261, 315], ratios: [2, 1 / 2] },
];

const PROBABILITY: NumberRange = {
  accepts: (value) => value >= 0 && value <= 1,
  expected: 'a number from 0 to 1',
};

/**
 * Returns the objects that SSD-VGG (`ssd_vgg` of `azureml-accel-models`) found in each image of a batch, the most probable
 * ones first: softmax, `threshold`, `top`, then non-maximum suppression per class.
 * @param outputs the twelve outputs of the model, in any order: for each of the six feature maps, logits
 * `[images, grid, grid, boxes, classes]` and box offsets `[images, grid, grid, boxes, 4]`. If there are four classes, the
 * logits of a feature map come before its offsets
 * @throws InvalidInputError if an output is missing or has another shape, the number of labels differs from the number of
 * classes, or an option is unknown or out of range
 */
export function ssdDetections(outputs: Iterable<FloatTensor>, options: DetectionOptions = {}): Detection[][] {
  requireKnownOptions(options, DETECTION_OPTIONS);
  const { labels, threshold = 0.5, top = 400, maxOverlap = 0.45 } = options;
  const problem =
    outOfRange('threshold', threshold, PROBABILITY) ??
    outOfRange('top', top, wholeNumber(1)) ??
    outOfRange('maxOverlap', maxOverlap, PROBABILITY);
  if (problem !== undefined) {
    throw new InvalidInputError(problem);
  }
  const maps = pairOutputs([...outputs]);
  const [{ images, classes }] = maps;
  if (labels && labels.length !== classes) {
    throw new InvalidInputError(`got ${labels.length} labels for ${classes} classes`, {
      remedy: 'pass one label per class, the background first',
    });
  }
  return Array.from({ length: images }, (_, image) => {
    const candidates = maps
      .flatMap((map) => candidatesOf(map, image, threshold))
      .sort((left, right) => right.probability - left.probability)
      .slice(0, top);
    return suppress(candidates, maxOverlap).map((detection) =>
      labels ? { ...detection, label: labels[detection.classIndex] } : detection,
    );
  });
}

/** The outputs of a feature map. */
interface MapOutputs {
  readonly map: FeatureMap;
  readonly images: number;
  readonly classes: number;
  readonly logits: Float32Array;
  readonly offsets: Float32Array;
}

function pairOutputs(outputs: readonly FloatTensor[]): readonly [MapOutputs, ...MapOutputs[]] {
  const received = () => outputs.map(({ shape }) => formatShape(shape)).join(', ') || 'none';
  const maps = FEATURE_MAPS.map((map): MapOutputs => {
    const boxes = map.ratios.length + 2;
    const own = outputs.filter(
      ({ shape }) =>
        shape.length === 5 && shape[1] === map.grid && shape[2] === map.grid && shape[3] === boxes,
    );
    const offsets = own.findLast(({ shape }) => shape[4] === BOX_NUMBERS);
    const logits = own.find((each) => each !== offsets);
    if (own.length !== 2 || !offsets || logits?.shape[0] !== offsets.shape[0]) {
      throw new InvalidInputError(
        `expected logits [images, ${map.grid}, ${map.grid}, ${boxes}, classes] and box offsets ` +
          `[images, ${map.grid}, ${map.grid}, ${boxes}, ${BOX_NUMBERS}] of SSD-VGG, received ${received()}`,
        { remedy: 'pass all twelve outputs of one call' },
      );
    }
    const [images = 0, , , , classes = 0] = logits.shape;
    return { map, images, classes, logits: logits.data, offsets: offsets.data };
  });
  const [first, ...others] = maps as [MapOutputs, ...MapOutputs[]];
  if (others.some(({ images, classes }) => images !== first.images || classes !== first.classes)) {
    throw new InvalidInputError(`the outputs have different numbers of images or classes: ${received()}`, {
      remedy: 'pass all twelve outputs of one call',
    });
  }
  return [first, ...others];
}

function candidatesOf(
  { map, classes, logits, offsets }: MapOutputs,
  image: number,
  threshold: number,
): Detection[] {
  const { grid, step } = map;
  const defaults = defaultSizes(map);
  const found: Detection[] = [];
  for (let cell = 0; cell < grid * grid; cell += 1) {
    const centerX = (((cell % grid) + 0.5) * step) / INPUT_PIXELS;
    const centerY = ((Math.floor(cell / grid) + 0.5) * step) / INPUT_PIXELS;
    defaults.forEach(({ height, width }, box) => {
      const at = (image * grid * grid + cell) * defaults.length + box;
      const own = logits.subarray(at * classes, (at + 1) * classes);
      const { largest, sum } = softmaxTerms(own);
      // Class 0 is the background.
      for (let classIndex = 1; classIndex < classes; classIndex += 1) {
        const probability = Math.exp((own[classIndex] ?? 0) - largest) / sum;
        if (probability > threshold) {
          const [x = 0, y = 0, w = 0, h = 0] = offsets.subarray(at * BOX_NUMBERS, (at + 1) * BOX_NUMBERS);
          found.push({
            classIndex,
            probability,
            box: clipped(
              centerX + x * width * CENTER_VARIANCE,
              centerY + y * height * CENTER_VARIANCE,
              width * Math.exp(w * SIZE_VARIANCE),
              height * Math.exp(h * SIZE_VARIANCE),
            ),
          });
        }
      }
    });
  }
  return found;
}

/** Heights and widths of the default boxes of a cell, in parts of the image. */
function defaultSizes({ sizes: [small, large], ratios }: FeatureMap): { height: number; width: number }[] {
  const side = small / INPUT_PIXELS;
  const largeSide = Math.sqrt(small * large) / INPUT_PIXELS;
  return [
    { height: side, width: side },
    { height: largeSide, width: largeSide },
    ...ratios.map((ratio) => ({ height: side / Math.sqrt(ratio), width: side * Math.sqrt(ratio) })),
  ];
}

function clipped(centerX: number, centerY: number, width: number, height: number): DetectionBox {
  return {
    top: Math.max(0, centerY - height / 2),
    left: Math.max(0, centerX - width / 2),
    bottom: Math.min(1, centerY + height / 2),
    right: Math.min(1, centerX + width / 2),
  };
}

/** Non-maximum suppression. The most probable candidates come first. */
function suppress(candidates: readonly Detection[], maxOverlap: number): Detection[] {
  const kept: Detection[] = [];
  for (const candidate of candidates) {
    const isCovered = kept.some(
      ({ classIndex, box }) =>
        // Two boxes without an area have no ratio; they count as the same box.
        classIndex === candidate.classIndex && !(overlap(box, candidate.box) < maxOverlap),
    );
    if (!isCovered) {
      kept.push(candidate);
    }
  }
  return kept;
}

/** Intersection over union. */
function overlap(left: DetectionBox, right: DetectionBox): number {
  const height = Math.max(0, Math.min(left.bottom, right.bottom) - Math.max(left.top, right.top));
  const width = Math.max(0, Math.min(left.right, right.right) - Math.max(left.left, right.left));
  const intersection = height * width;
  return intersection / (area(left) + area(right) - intersection);
}

function area({ top, left, bottom, right }: DetectionBox): number {
  return (bottom - top) * (right - left);
}
