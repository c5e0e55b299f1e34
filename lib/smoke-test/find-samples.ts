import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import { SmokeTestError } from './smoke-test-error';

/** The images that a scoring server decodes. */
const IMAGE = /\.(jpe?g|png|webp|gif|tiff?)$/i;

/**
 * @param file a file, or a folder with images
 * @returns the file; of a folder its images by their names, those in folders below it left out
 * @throws SmokeTestError SMOKE_TEST_INPUT where there is none
 */
export async function findSamples(file: string): Promise<string[]> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isDirectory()) {
    // What is wrong with a file is said when it is read.
    return [file];
  }
  const images = (await readdir(file)).filter((name) => IMAGE.test(name)).sort();
  if (images.length === 0) {
    throw new SmokeTestError(
      'SMOKE_TEST_INPUT',
      `the folder ${file} has no image; expected JPEG, PNG, WebP, GIF or TIFF files, by their endings`,
    );
  }
  return images.map((name) => path.join(file, name));
}
