import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';

/**
 * Unpacks one entry of a zip into a file; whatever else the zip holds stays in it.
 *
 * @returns false where the zip has no such entry
 */
export async function unzipEntry(zip: string, entryName: string, target: string): Promise<boolean> {
  const archive = await openPromise(zip, { autoClose: false });
  try {
    for await (const entry of archive.eachEntry()) {
      if (entry.fileName === entryName) {
        const content = await archive.openReadStreamPromise(entry);
        await pipeline(content, createWriteStream(target, { flags: 'wx', mode: 0o755 }));
        return true;
      }
    }
    return false;
  } finally {
    archive.close();
  }
}
