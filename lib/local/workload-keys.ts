import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import * as z from 'zod';

import { writePrivateFile } from '../files/secret-file';
import { keyFileSchema, type KeyPair } from '../contract/key-file';
import { LocalError } from '../errors/local-error';
import type { WorkloadFolder } from './workload-folder';

const rotationSchema = z.object({ primary: z.string(), secondary: z.string() });

/** Length of a generated key: 256 bits. */
const KEY_BYTES = 32;

/**
 * Writes keys that the stack provides.
 * @throws SecretFileOpenError if others can read the former keys, one of which may still be valid
 */
export async function writeKeys(folder: WorkloadFolder, keys: KeyPair): Promise<void> {
  await folder.requireClosedSecrets();
  await writePrivateFile(folder.keyFile, `${JSON.stringify(keyFileSchema.parse(keys))}\n`);
}

/**
 * Generates missing keys and keys whose rotation has changed. The other key stays, so that clients can switch between
 * them.
 */
export async function rotateKeys(
  folder: WorkloadFolder,
  rotation: { primaryRotation: string; secondaryRotation: string },
): Promise<void> {
  const keys = await readJson(folder.keyFile, keyFileSchema);
  const former = await readJson(folder.rotationFile, rotationSchema);
  const next = {
    primaryKey: keys && former?.primary === rotation.primaryRotation ? keys.primaryKey : newKey(),
    secondaryKey: keys && former?.secondary === rotation.secondaryRotation ? keys.secondaryKey : newKey(),
  };
  if (keys?.primaryKey !== next.primaryKey || keys.secondaryKey !== next.secondaryKey) {
    await writeKeys(folder, next);
    const rotations = { primary: rotation.primaryRotation, secondary: rotation.secondaryRotation };
    await writePrivateFile(folder.rotationFile, `${JSON.stringify(rotations)}\n`);
  }
}

/** @throws LocalError FILE_MISSING if there are no keys */
export async function requireKeys(folder: WorkloadFolder): Promise<void> {
  if (!(await readJson(folder.keyFile, keyFileSchema))) {
    throw new LocalError(
      'FILE_MISSING',
      `${folder.title} has no keys at ${folder.keyFile}; apply the stack again to write them`,
    );
  }
}

function newKey(): string {
  return randomBytes(KEY_BYTES).toString('base64url');
}

async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    // Missing or damaged: its content is generated again.
    return undefined;
  }
}
