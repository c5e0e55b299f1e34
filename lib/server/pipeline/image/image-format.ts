import { describeForeignBytes, FORMATS } from '../../../validation/image-format';
import { InvalidImageError } from '../pipeline-errors';

/**
 * Checks that the first bytes of images are those of an accepted format. Only such images reach a decoder, so that a caller cannot
 * select a decoder that the server does not offer.
 * @throws InvalidImageError for the first image of another format
 */
export function checkFormats(images: readonly Uint8Array[]): void {
  images.forEach((bytes, index) => {
    const foreign = describeForeignBytes(bytes);
    if (foreign !== undefined) {
      throw new InvalidImageError(index, `${foreign}; send a ${FORMATS} file's bytes`);
    }
  });
}
