import { existsSync } from 'node:fs';
import path from 'node:path';

import { STATE_FOLDER } from '../contract/folder-layout';

/**
 * Finds the folder to which paths in a stack are relative: the nearest parent folder with a `package.json`, or else with a
 * `cdktf.json`. Synth runs in it and Terraform runs below it, so both find the same folder, and the synthesized JSON
 * needs no absolute path.
 */
export function findProjectFolder(from: string = process.cwd()): string {
  return findUpwards(from, 'package.json') ?? findUpwards(from, 'cdktf.json') ?? path.resolve(from);
}

/** Finds the folder of local workloads, models and reports: `.cdktf-brainwave` in the project's folder. */
export function findStateFolder(from: string = process.cwd()): string {
  return path.join(findProjectFolder(from), STATE_FOLDER);
}

function findUpwards(from: string, name: string): string | undefined {
  let folder = path.resolve(from);
  for (;;) {
    if (existsSync(path.join(folder, name))) {
      return folder;
    }
    const parent = path.dirname(folder);
    if (parent === folder) {
      return undefined;
    }
    folder = parent;
  }
}
