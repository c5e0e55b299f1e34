import type { Pixels } from './bilinear-crop';

/**
 * Turns pixels upright.
 * @param orientation EXIF orientation, 1 to 8; others leave the pixels as they are
 * @see https://www.cipa.jp/std/documents/e/DC-X008-Translation-2019-E.pdf (Orientation)
 */
export function turnUpright(pixels: Pixels, orientation: number): Pixels {
  if (!(orientation >= 2 && orientation <= 8)) {
    return pixels;
  }
  const { channels, data } = pixels;
  const isTransposed = orientation >= 5;
  const isMirrored = [2, 3, 7, 8].includes(orientation);
  const isUpsideDown = [3, 4, 6, 7].includes(orientation);
  const [width, height] = isTransposed ? [pixels.height, pixels.width] : [pixels.width, pixels.height];
  const turned = new Uint8Array(data.length);
  let at = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const column = isTransposed ? y : x;
      const row = isTransposed ? x : y;
      const from =
        (isUpsideDown ? pixels.height - 1 - row : row) * pixels.width +
        (isMirrored ? pixels.width - 1 - column : column);
      for (let channel = 0; channel < channels; channel += 1) {
        turned[at] = data[from * channels + channel];
        at += 1;
      }
    }
  }
  return { width, height, channels, data: turned };
}
