import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder with files of a test's own. */
export class ModelFolder {
  readonly path = mkdtempSync(path.join(tmpdir(), 'stage-'));

  /** Writes a file and returns its path. */
  write(name: string, content: string | Uint8Array): string {
    const file = path.join(this.path, name);
    writeFileSync(file, content);
    return file;
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}
