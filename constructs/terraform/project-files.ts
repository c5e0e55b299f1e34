import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { App, AssetType, TerraformAsset, TerraformStack } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';

import { findProjectFolder } from '../../lib/local/project-folder';

/**
 * Returns a file's path for the synthesized JSON: relative to the project's folder, with forward slashes. Steps that run
 * at apply find the same folder, wherever the project is on that machine.
 * @param file relative to the working directory, or absolute
 * @internal
 */
export function projectPath(file: string): string {
  return path.relative(findProjectFolder(), path.resolve(file)).split(path.sep).join('/');
}

/**
 * Returns a file's path relative to the stack's folder, which is Terraform's working directory, with forward slashes.
 * @param file relative to the project's folder
 * @internal
 */
export function stackPath(scope: Construct, file: string): string {
  const relative = path.relative(stackFolder(scope), path.resolve(findProjectFolder(), file));
  return relative.split(path.sep).join('/');
}

/**
 * Returns a file's path for the synthesized JSON: relative to the project's folder, with forward slashes.
 * @param file relative to the stack's folder
 * @internal
 */
export function projectPathOf(scope: IConstruct, file: string): string {
  return projectPath(path.resolve(stackFolder(scope), file));
}

function stackFolder(scope: IConstruct): string {
  return path.resolve(App.of(scope).outdir, 'stacks', TerraformStack.of(scope).node.id);
}

/**
 * Returns a file's content as a sensitive value that Terraform reads in place when it plans; the file is not copied. The
 * path is relative to the stack's folder, so that the synthesized JSON is the same in any folder.
 *
 * `Fn.file` of cdktf 0.21 is not used because it escapes the reference to `path.module`.
 * @param file relative to the project's folder
 * @internal
 */
export function secretFile(scope: Construct, file: string): string {
  const quoted = stackPath(scope, file)
    .replace(/[\\"]/g, '\\$&')
    .replace(/[$%](?=\{)/g, '$&$&');
  return `\${sensitive(file("\${path.module}/${quoted}"))}`;
}

/**
 * Declares a file that is generated at synth as an asset. TerraformAsset requires an existing file, so the content is
 * written to a cache under its hash, where the next synth finds it.
 * @internal
 */
export function stagedAsset(
  scope: Construct,
  id: string,
  fileName: string,
  content: Uint8Array,
): TerraformAsset {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const folder = path.join(cacheFolder(), sha256);
  const file = path.join(folder, fileName);
  if (!holds(file, sha256)) {
    mkdirSync(folder, { recursive: true });
    const temporary = `${file}.${randomUUID()}`;
    writeFileSync(temporary, content);
    renameSync(temporary, file);
  }
  return new TerraformAsset(scope, id, { path: file, type: AssetType.FILE, assetHash: sha256 });
}

/** Checks the content, because a cache can be cleared or damaged at any time. */
function holds(file: string, sha256: string): boolean {
  return existsSync(file) && createHash('sha256').update(readFileSync(file)).digest('hex') === sha256;
}

let privateFolder: string | undefined;

/**
 * Returns the cache folder of Node.js tools. If there is none, returns a folder that only this user can write to: in a
 * shared folder, others could replace a file after it was checked and before it is copied.
 */
function cacheFolder(): string {
  const modules = path.join(findProjectFolder(), 'node_modules');
  if (existsSync(modules)) {
    return path.join(modules, '.cache/cdktf-brainwave');
  }
  return (privateFolder ??= mkdtempSync(path.join(tmpdir(), 'cdktf-brainwave-')));
}
