import path from 'node:path';

import { App, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';

import { findProjectFolder } from '../../lib/local/project-folder';

/**
 * A file's content as a sensitive value, read by Terraform when it plans, from where the file lies: it is copied
 * nowhere. The path is relative to the stack's folder, so that the synthesized JSON is the same in any folder.
 *
 * `Fn.file` of cdktf 0.21 escapes the reference to `path.module`, which then is none.
 * @param file relative to the project's folder
 * @internal
 */
export function secretFile(scope: Construct, file: string): string {
  const stack = TerraformStack.of(scope);
  const stackFolder = path.resolve(App.of(scope).outdir, 'stacks', stack.node.id);
  const relative = path.relative(stackFolder, path.resolve(findProjectFolder(), file));
  const quoted = relative
    .split(path.sep)
    .join('/')
    .replace(/[\\"]/g, '\\$&')
    .replace(/[$%](?=\{)/g, '$&$&');
  return `\${sensitive(file("\${path.module}/${quoted}"))}`;
}
