import { open, rm } from 'node:fs/promises';

import { isMissing, writeWholeFile } from '../files/whole-file';

interface FileState {
  readonly content: Buffer;
  readonly mode: number;
}

const PERMISSIONS = 0o777;

/** Content and permissions of files, to undo a failed change. */
export class FileSnapshot {
  static async take(files: readonly string[]): Promise<FileSnapshot> {
    const states = await Promise.all(files.map(async (file) => [file, await readIfPresent(file)] as const));
    return new FileSnapshot(new Map(states));
  }

  private constructor(private readonly states: ReadonlyMap<string, FileState | undefined>) {}

  /** Restores content and permissions. Files that did not exist are removed; unchanged files are not touched. */
  async restore(): Promise<void> {
    for (const [file, before] of this.states) {
      if (!before) {
        await rm(file, { force: true });
      } else if (!isSame(before, await readIfPresent(file))) {
        await writeWholeFile(file, before.content, before.mode);
      }
    }
  }
}

function isSame(before: FileState, now: FileState | undefined): boolean {
  return now?.mode === before.mode && now.content.equals(before.content);
}

async function readIfPresent(file: string): Promise<FileState | undefined> {
  try {
    const handle = await open(file, 'r');
    try {
      const { mode } = await handle.stat();
      return { content: await handle.readFile(), mode: mode & PERMISSIONS };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isMissing(error)) {
      return undefined;
    }
    throw error;
  }
}
