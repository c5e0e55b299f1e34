import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { App, AssetType, TerraformAsset, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';

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

/**
 * A file that is made at synth, as an asset. TerraformAsset takes files that exist: the content is written to
 * a cache under its hash, where a second synth finds it.
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

/** A cache may be cleared or damaged at any time. */
function holds(file: string, sha256: string): boolean {
  return existsSync(file) && createHash('sha256').update(readFileSync(file)).digest('hex') === sha256;
}

let privateFolder: string | undefined;

/**
 * Where Node's tools keep what they can make again. Without such a place, a folder that nobody else can write
 * to: what a shared one holds could be exchanged between the look at it and its copy.
 */
function cacheFolder(): string {
  const modules = path.join(findProjectFolder(), 'node_modules');
  if (existsSync(modules)) {
    return path.join(modules, '.cache/cdktf-brainwave');
  }
  return (privateFolder ??= mkdtempSync(path.join(tmpdir(), 'cdktf-brainwave-')));
}
