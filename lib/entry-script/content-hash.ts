import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** Made by Python wherever it runs a script. */
const IGNORED = '__pycache__';

/** SHA-256 of a file, or of a folder's files with their names: another whenever one of them is. */
export function contentHash(file: string): string {
  const hash = createHash('sha256');
  for (const name of filesOf(file)) {
    const content = readFileSync(path.join(file, name));
    hash.update(`${name.split(path.sep).join('/')}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Whether a file belongs to the content. */
export function isContent(file: string): boolean {
  return path.basename(file) !== IGNORED;
}

function filesOf(file: string): string[] {
  if (!statSync(file).isDirectory()) {
    return [''];
  }
  return readdirSync(file)
    .filter(isContent)
    .sort()
    .flatMap((name) => filesOf(path.join(file, name)).map((below) => path.join(name, below)));
}
