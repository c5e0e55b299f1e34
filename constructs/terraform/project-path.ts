import path from 'node:path';

import { findProjectFolder } from '../../lib/local/project-folder';

/**
 * A file's path as it may stand in the synthesized JSON: relative to the project's folder, with forward
 * slashes. What runs at apply finds the same folder, wherever the project lies on that machine.
 * @param file relative to the working directory, or absolute
 * @internal
 */
export function projectPath(file: string): string {
  return path.relative(findProjectFolder(), path.resolve(file)).split(path.sep).join('/');
}
