import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import { writePrivateFile } from '../files/private-file';
import { keyFileSchema } from '../keys/key-pair-file';
import { LocalError } from './local-error';
import type { ServiceFolder } from './service-folder';

const rotationSchema = z.object({ primary: z.string(), secondary: z.string() });

/** Bytes of a key that is made here: 256 bits. */
const KEY_BYTES = 32;

/**
 * Writes keys that were given.
 * @throws SecretFileOpenError where others may read those before them, of which one may stay
 */
export async function writeKeys(
  folder: ServiceFolder,
  keys: { primaryKey: string; secondaryKey: string },
): Promise<void> {
  await folder.requireClosedSecrets();
  await writePrivateFile(folder.keyFile, `${JSON.stringify(keyFileSchema.parse(keys))}\n`);
}

/**
 * Makes the keys that are missing, and those whose rotation has changed; the other key stays, so that clients
 * can move from one to the other.
 */
export async function rotateKeys(
  folder: ServiceFolder,
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

/** @throws LocalError FILE_MISSING where there are none */
export async function requireKeys(folder: ServiceFolder): Promise<void> {
  if (!(await readJson(folder.keyFile, keyFileSchema))) {
    throw new LocalError(
      'FILE_MISSING',
      `service "${folder.name}" has no keys at ${folder.keyFile}; apply the stack again, which writes them`,
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
    // Missing or damaged: what it should hold is made anew.
    return undefined;
  }
}
