import { readFileSync } from 'node:fs';

import type { IConstruct } from 'constructs';

import { unreadablePath } from '../../lib/validation/input-path';
import { ConstructError } from './construct-error';
import { requireKnown } from './synth-value';

/**
 * Requires a file or a folder that synth reads.
 * @param option name of the property
 * @param path relative to the working directory
 * @param kind what has to be at the path; either if it is omitted
 * @throws ConstructError if there is none
 * @internal
 */
export function requireInput(
  scope: IConstruct,
  option: string,
  path: string,
  kind?: 'file' | 'folder',
): void {
  requireKnown(scope, option, path);
  const problem = unreadablePath(option, path, kind);
  if (problem !== undefined) {
    throw new ConstructError(scope, problem);
  }
}

/**
 * Reads a file at synth.
 * @param option name of the property
 * @param file relative to the working directory
 * @throws ConstructError if there is no such file
 * @internal
 */
export function readInputFile(scope: IConstruct, option: string, file: string): Buffer {
  requireInput(scope, option, file, 'file');
  return readFileSync(file);
}
