import { readFileSync, statSync } from 'node:fs';

import type { IConstruct } from 'constructs';

import { ConstructError } from './construct-error';
import { requireKnown } from './synth-value';

/**
 * Requires a file that synth reads.
 * @param option name of the property
 * @param file relative to the working directory
 * @throws ConstructError if there is no such file
 * @internal
 */
export function requireFile(scope: IConstruct, option: string, file: string): void {
  requireKnown(scope, option, file);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw missing(scope, option, file);
  }
}

/**
 * Requires a folder that synth reads.
 * @param option name of the property
 * @param folder relative to the working directory
 * @throws ConstructError if there is no such folder
 * @internal
 */
export function requireFolder(scope: IConstruct, option: string, folder: string): void {
  requireKnown(scope, option, folder);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw missing(scope, option, folder);
  }
}

/**
 * Requires a file or a folder that synth reads.
 * @param option name of the property
 * @param path relative to the working directory
 * @throws ConstructError if there is neither
 * @internal
 */
export function requireFileOrFolder(scope: IConstruct, option: string, path: string): void {
  requireKnown(scope, option, path);
  if (!statSync(path, { throwIfNoEntry: false })) {
    throw missing(scope, option, path);
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
  requireFile(scope, option, file);
  return readFileSync(file);
}

function missing(scope: IConstruct, option: string, path: string): ConstructError {
  return new ConstructError(
    scope,
    `${option} is ${path}, which does not exist; give a path relative to the working directory`,
  );
}
