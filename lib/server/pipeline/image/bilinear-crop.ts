import type { ImageStageJson } from '../../../service-definition/service-definition-json';

/** Decoded pixels: row by row, `channels` bytes per pixel. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
  /**
   * By how much both sides were divided while the image was decoded.
   * @default 1
   */
  readonly shrink?: number | undefined;
}

/** A window of the image that resizing to `width` x `height` would produce. */
export interface CropWindow {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  /** Width and height of the window. */
  readonly size: number;
}

/** The two source positions that a position of the window mixes, and the weight of the second. */
export interface Tap {
  readonly before: number;
  readonly after: number;
  readonly weight: number;
}

/**
 * Where the positions of a window lie in the source.
 * @param source pixels of the source in this direction
 * @param resized pixels after resizing
 * @param start first position of the window
 * @param count number of positions in the window
 * @param shrink by how much the source was divided before
 */
export type Taps = (
  source: number,
  resized: number,
  start: number,
  count: number,
  shrink: number,
) => readonly Tap[];

/**
 * Resizes bilinearly and crops to a window. Computes only the pixels of the window.
 *
 * Each pixel is interpolated from its four nearest neighbors, also when the image shrinks (no antialiasing). Sums and
 * products are rounded to float32, as TensorFlow computes them; results are not rounded further.
 * @param target receives `size * size * channels` numbers, 0 to 255
 */
export function bilinearCrop(image: Pixels, window: CropWindow, taps: Taps, target: Float32Array): void {
  const { channels, data, shrink = 1 } = image;
  const columns = taps(image.width, window.width, window.left, window.size, shrink);
  const rows = taps(image.height, window.height, window.top, window.size, shrink);
  const stride = image.width * channels;
  // The inner loops run 150,000 times per image, which is why they read typed arrays only.
  const befores = Int32Array.from(columns, ({ before }) => before * channels);
  const afters = Int32Array.from(columns, ({ after }) => after * channels);
  const weights = Float32Array.from(columns, ({ weight }) => weight);
  let at = 0;
  for (const { before, after, weight } of rows) {
    const upper = before * stride;
    const lower = after * stride;
    for (let column = 0; column < befores.length; column += 1) {
      const left = befores[column];
      const right = afters[column];
      const across = weights[column];
      for (let channel = 0; channel < channels; channel += 1) {
        target[at] = mix(
          mix(data[upper + left + channel], data[upper + right + channel], across),
          mix(data[lower + left + channel], data[lower + right + channel], across),
          weight,
        );
        at += 1;
      }
    }
  }
}

function mix(first: number, second: number, weight: number): number {
  return Math.fround(first + Math.fround(Math.fround(second - first) * weight));
}

/** Pixels' centers lie at halves, as in `tf.image.resize` of TensorFlow 2. */
export function halfPixelTaps(source: number, resized: number, start: number, count: number): readonly Tap[] {
  const scale = source / resized;
  return Array.from({ length: count }, (_, index) => {
    const position = Math.max(0, (start + index + 0.5) * scale - 0.5);
    const before = Math.min(Math.floor(position), source - 1);
    return {
      before,
      after: Math.min(before + 1, source - 1),
      weight: Math.fround(position - before),
    };
  });
}

/**
 * Pixels lie at whole numbers from the corner on, as in `tf.image.resize_bilinear` of TensorFlow 1 without
 * `align_corners`. Every step is rounded to float32 as there. A pixel of a source that was divided lies in the middle of
 * the pixels that it stands for.
 * @see https://github.com/tensorflow/tensorflow/blob/v1.10.1/tensorflow/core/kernels/resize_bilinear_op.cc
 */
export function cornerTaps(
  source: number,
  resized: number,
  start: number,
  count: number,
  shrink = 1,
): readonly Tap[] {
  const scale = Math.fround(source / resized);
  const middle = (1 - 1 / shrink) / 2;
  return Array.from({ length: count }, (_, index) => {
    const position = Math.max(0, Math.fround((start + index) * scale) - middle);
    const before = Math.min(Math.trunc(position), source - 1);
    return {
      before,
      after: Math.min(before + 1, source - 1),
      weight: Math.fround(position - before),
    };
  });
}

/** Sizes of an image as it is resized and cropped. */
export type Fit = Pick<ImageStageJson, 'resize' | 'crop' | 'preserve_aspect_ratio'>;

/** The central window of an image whose shorter side becomes `resize` pixels, or both sides. */
export function centralWindow(width: number, height: number, fit: Fit): CropWindow {
  const { resize, crop } = fit;
  const factor = resize / Math.min(width, height);
  const resized = keepsAspectRatio(fit)
    ? { width: Math.round(width * factor), height: Math.round(height * factor) }
    : { width: resize, height: resize };
  return {
    ...resized,
    left: Math.floor((resized.width - crop) / 2),
    top: Math.floor((resized.height - crop) / 2),
    size: crop,
  };
}

/**
 * The same as the Azure ML SDK's `preprocess_array` computes it in TensorFlow 1: sizes and offsets are computed in
 * float32 and truncated, so that 256 may become 255.
 */
export function truncatedWindow(width: number, height: number, fit: Fit): CropWindow {
  const { resize, crop } = fit;
  const factor = Math.fround(resize / Math.min(width, height));
  const resized = keepsAspectRatio(fit)
    ? {
        width: Math.max(1, Math.trunc(Math.fround(width * factor))),
        height: Math.max(1, Math.trunc(Math.fround(height * factor))),
      }
    : { width: resize, height: resize };
  return {
    ...resized,
    left: Math.trunc((resized.width - crop) / 2),
    top: Math.trunc((resized.height - crop) / 2),
    size: crop,
  };
}

function keepsAspectRatio({ preserve_aspect_ratio: preserve = true }: Fit): boolean {
  return preserve;
}
