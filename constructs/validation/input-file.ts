import { readFileSync } from 'node:fs';

import type { IConstruct } from 'constructs';

import { unreadablePath } from '../../lib/validation/input-path';
import { ConstructError } from './construct-error';
import { requireKnown } from './synth-value';

/**
 * Requires that a file or folder that synth reads exists.
 * @param option name of the property
 * @param path relative to the working directory
 * @param kind expected kind; either if omitted
 * @throws ConstructError if it does not exist or is of the other kind
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
 * @throws ConstructError if the file does not exist
 * @internal
 */
export function readInputFile(scope: IConstruct, option: string, file: string): Buffer {
  requireInput(scope, option, file, 'file');
  return readFileSync(file);
}
