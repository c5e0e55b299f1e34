import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import type { Target } from './targets';

/** Where the inputs of a target are kept. */
export function corpusFolder(target: Target): string {
  return path.join(__dirname, 'corpus', target);
}

/** The inputs of a target, in the order of their names. */
export function readCorpus(target: Target): { readonly name: string; readonly data: Buffer }[] {
  const folder = corpusFolder(target);
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, data: readFileSync(path.join(folder, name)) }));
}
