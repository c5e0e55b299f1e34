import { readFile, rm } from 'node:fs/promises';

import { writePrivateFile } from '../files/private-file';

/** Private files as they are, so that a change that fails can be undone. */
export class FileSnapshot {
  static async take(files: readonly string[]): Promise<FileSnapshot> {
    const contents = await Promise.all(files.map(async (file) => [file, await readIfPresent(file)] as const));
    return new FileSnapshot(new Map(contents));
  }

  private constructor(private readonly contents: ReadonlyMap<string, Buffer | undefined>) {}

  /** Makes each file what it was; one that was not there goes. */
  async restore(): Promise<void> {
    for (const [file, content] of this.contents) {
      if (content) {
        await writePrivateFile(file, content);
      } else {
        await rm(file, { force: true });
      }
    }
  }
}

async function readIfPresent(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}
