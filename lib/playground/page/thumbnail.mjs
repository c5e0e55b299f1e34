const HEIGHT = 164;

/**
 * Draws a small picture of an image, so that the history does not keep large photos decoded.
 *
 * @param {Blob} file
 * @returns {Promise<string | undefined>} object URL; undefined if the browser cannot decode the file, such as a TIFF
 */
export async function thumbnailOf(file) {
  try {
    const bitmap = await createImageBitmap(file, { resizeHeight: HEIGHT, resizeQuality: 'medium' });
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    bitmap.close();
    return URL.createObjectURL(await canvas.convertToBlob());
  } catch {
    return undefined;
  }
}
