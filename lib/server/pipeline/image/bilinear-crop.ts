/** Decoded pixels: row by row, `channels` bytes per pixel. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
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

/**
 * Resizes bilinearly and crops to a window. Computes only the pixels of the window.
 *
 * Follows TensorFlow 2's `tf.image.resize`: each pixel is interpolated from its four nearest neighbors, also when the
 * image shrinks (no antialiasing), with half-pixel centers. Results are not rounded.
 * @param target receives `size * size * channels` numbers, 0 to 255
 * @see https://www.tensorflow.org/api_docs/python/tf/image/resize
 */
export function bilinearCrop(image: Pixels, window: CropWindow, target: Float32Array): void {
  const { channels, data } = image;
  const columns = taps(image.width, window.width, window.left, window.size);
  const rows = taps(image.height, window.height, window.top, window.size);
  const stride = image.width * channels;
  let at = 0;
  for (const row of rows) {
    const upper = row.before * stride;
    const lower = row.after * stride;
    for (const column of columns) {
      const left = column.before * channels;
      const right = column.after * channels;
      for (let channel = 0; channel < channels; channel += 1) {
        const topLeft = data[upper + left + channel] ?? 0;
        const topRight = data[upper + right + channel] ?? 0;
        const bottomLeft = data[lower + left + channel] ?? 0;
        const bottomRight = data[lower + right + channel] ?? 0;
        const top = topLeft + (topRight - topLeft) * column.weight;
        const bottom = bottomLeft + (bottomRight - bottomLeft) * column.weight;
        target[at] = top + (bottom - top) * row.weight;
        at += 1;
      }
    }
  }
}

/** The two source positions that a window position is interpolated from, and the weight of the second. */
interface Tap {
  readonly before: number;
  readonly after: number;
  readonly weight: number;
}

function taps(source: number, resized: number, start: number, count: number): readonly Tap[] {
  const scale = source / resized;
  return Array.from({ length: count }, (_, index) => {
    const position = Math.max(0, (start + index + 0.5) * scale - 0.5);
    const before = Math.min(Math.floor(position), source - 1);
    return { before, after: Math.min(before + 1, source - 1), weight: position - before };
  });
}
