import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { AssetType, TerraformAsset } from 'cdktf';
import type { Construct } from 'constructs';

import { findProjectFolder } from '../../lib/local/project-folder';

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
