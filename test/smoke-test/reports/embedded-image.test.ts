import { copyFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import sharp from 'sharp';

import { EMBEDDED_IMAGE_LIMIT, embedImages } from '../../../lib/smoke-test/reports/embedded-image';
import { afterwards } from '../../support/cleanup';
import { temporaryFolder } from '../../support/temporary-folder';
import { cat, images } from './sample-reports';

async function embed(file: string): Promise<unknown> {
  return (await embedImages([{ ...cat, path: file }])).get(file);
}

let folder: string;

beforeEach(async () => {
  const made = await temporaryFolder();
  afterwards(made.remove);
  folder = made.path;
});

describe('an image in a report', () => {
  it.each(['jpeg', 'png', 'gif', 'webp'] as const)('is embedded if it is %s', async (format) => {
    const file = path.join(folder, 'image');
    const bytes = await sharp(path.join(images, 'rocket.jpg')).resize(16).toFormat(format).toBuffer();
    writeFileSync(file, bytes);
    await expect(embed(file)).resolves.toEqual({
      dataUri: `data:image/${format};base64,${bytes.toString('base64')}`,
    });
  });

  it.each([
    ['TIFF', () => sharp(path.join(images, 'rocket.jpg')).resize(16).tiff().toBuffer()],
    // It must not get into a report where somebody names the wrong file.
    ['a private key', () => Promise.resolve(Buffer.from('-----BEGIN PRIVATE KEY-----'))],
    ['nothing', () => Promise.resolve(Buffer.alloc(0))],
  ])('is omitted with the reason if it is %s', async (_, content) => {
    const file = path.join(folder, 'image.png');
    writeFileSync(file, await content());
    await expect(embed(file)).resolves.toEqual({
      omitted: 'the image is not shown: browsers show JPEG, PNG, GIF and WebP',
    });
  });

  it('is omitted with the reason if it is too large', async () => {
    const file = path.join(folder, 'image.jpg');
    copyFileSync(path.join(images, 'rocket.jpg'), file);
    truncateSync(file, EMBEDDED_IMAGE_LIMIT + 1);
    await expect(embed(file)).resolves.toEqual({ omitted: 'the image is not shown: it has more than 4 MB' });
  });

  it('is omitted with the reason if those before it fill the page', async () => {
    const files = Array.from({ length: 5 }, (_, index) => path.join(folder, String(index)));
    for (const file of files) {
      copyFileSync(path.join(images, 'rocket.jpg'), file);
      truncateSync(file, EMBEDDED_IMAGE_LIMIT);
    }
    const embedded = await embedImages(files.map((file) => ({ ...cat, path: file })));
    expect(files.filter((file) => 'dataUri' in embedded.get(file)!)).toEqual(files.slice(0, 4));
    expect(embedded.get(files[4])).toEqual({
      omitted: 'the image is not shown: the previous images already have 16 MB',
    });
  });

  it('comes before others where it was answered wrongly', async () => {
    const file = path.join(images, 'rocket.jpg');
    const samples = [cat, { ...cat, path: file, passed: false }];
    expect([...(await embedImages(samples)).keys()]).toEqual([file, cat.path]);
  });

  it('is shown where it was rejected and has no classes', async () => {
    const { topClasses, ...refused } = cat;
    expect(topClasses).toHaveLength(5);
    expect((await embedImages([refused])).get(cat.path)).toHaveProperty('dataUri');
  });

  it('is omitted with the reason if it is gone', async () => {
    await expect(embed(path.join(folder, 'gone'))).resolves.toEqual({
      omitted: 'the image cannot be read (ENOENT)',
    });
  });
});
