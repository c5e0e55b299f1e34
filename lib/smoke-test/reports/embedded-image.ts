import { open } from 'node:fs/promises';

import type { SmokeTestSampleReport } from '../smoke-test-report';

/** Maximum size in bytes of one image, and of all images in a report: a page of 30 MB opens slowly and cannot be mailed. */
export const EMBEDDED_IMAGE_LIMIT = 4 * 1024 * 1024;
export const EMBEDDED_IMAGES_LIMIT = 16 * 1024 * 1024;

/** Image in a page, or the reason for omitting it. */
export type EmbeddedImage = { readonly dataUri: string } | { readonly omitted: string };

/**
 * Reads the images of samples for a self-contained page. Images that are too large or that browsers do not display are
 * omitted, with the reason. The type is determined from the bytes, so that no other file is ever included in a report.
 * @param samples of a service that scores images
 * @returns images by the paths of their samples
 */
export async function embedImages(
  samples: readonly SmokeTestSampleReport[],
): Promise<ReadonlyMap<string, EmbeddedImage>> {
  const images = new Map<string, EmbeddedImage>();
  let left = EMBEDDED_IMAGES_LIMIT;
  // Readers look for wrong answers first.
  const byImportance = [...samples].sort((one, other) => Number(one.passed) - Number(other.passed));
  for (const { path } of byImportance) {
    if (images.has(path)) {
      continue;
    }
    try {
      const bytes = await readImage(path, left);
      images.set(path, { dataUri: `data:${imageType(bytes)};base64,${bytes.toString('base64')}` });
      left -= bytes.length;
    } catch (error) {
      images.set(path, { omitted: reasonOf(error) });
    }
  }
  return images;
}

class OmittedError extends Error {}

async function readImage(file: string, left: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size > EMBEDDED_IMAGE_LIMIT) {
      throw new OmittedError(`the image is not shown: it has more than ${megabytes(EMBEDDED_IMAGE_LIMIT)}`);
    }
    if (size > left) {
      throw new OmittedError(
        `the image is not shown: the previous images already have ${megabytes(EMBEDDED_IMAGES_LIMIT)}`,
      );
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof OmittedError
    ? error.message
    : `the image cannot be read (${String((error as NodeJS.ErrnoException).code)})`;
}

/** @throws OmittedError if browsers do not display the image */
function imageType(bytes: Buffer): string {
  const begins = (hex: string) => bytes.subarray(0, hex.length / 2).toString('hex') === hex;
  if (begins('ffd8ff')) {
    return 'image/jpeg';
  }
  if (begins('89504e470d0a1a0a')) {
    return 'image/png';
  }
  if (begins('474946383761') || begins('474946383961')) {
    return 'image/gif';
  }
  const riff = bytes.subarray(0, 4).toString('latin1') + bytes.subarray(8, 12).toString('latin1');
  if (riff === 'RIFFWEBP') {
    return 'image/webp';
  }
  throw new OmittedError('the image is not shown: browsers show JPEG, PNG, GIF and WebP');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(0)} MB`;
}
