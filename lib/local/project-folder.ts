import { existsSync } from 'node:fs';
import path from 'node:path';

import { STATE_FOLDER } from '../contract/folder-layout';

/**
 * The folder that a path in a stack is relative to: the nearest one upwards with a `package.json`, or else
 * with a `cdktf.json`. Synth runs in it and Terraform runs somewhere below it, so both find the same one, and
 * no absolute path need stand in the synthesized JSON.
 */
export function findProjectFolder(from: string = process.cwd()): string {
  return findUpwards(from, 'package.json') ?? findUpwards(from, 'cdktf.json') ?? path.resolve(from);
}

/** Where local services, models and reports are kept: `.cdktf-brainwave` in the project's folder. */
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
