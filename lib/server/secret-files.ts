import { readFile } from 'node:fs/promises';

import { readSecretFile, SecretFileOpenError } from '../files/secret-file';
import { keyFileSchema } from '../keys/key-pair-file';
import type { ApiKeyPair } from './api-keys';
import { ServeConfigurationError } from './serve-configuration';

/**
 * Reads the keys of a service.
 * @throws ServeConfigurationError, which never shows what the file holds
 */
export async function readKeyFile(file: string): Promise<ApiKeyPair> {
  const text = await readSecret('key file', file);
  try {
    return keyFileSchema.parse(JSON.parse(text));
  } catch {
    // The parser's message would quote the file, and with it the keys.
    throw new ServeConfigurationError(
      `the key file ${file} does not hold keys; expected JSON: {"primaryKey": "…", "secondaryKey": "…"}`,
    );
  }
}

/**
 * Reads a text that a configuration names.
 * @param what what messages call it
 * @throws ServeConfigurationError
 */
export async function readText(what: string, file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(what, file, error);
  });
}

/**
 * Reads a text that nobody but its owner may read.
 * @param what what messages call it
 * @throws ServeConfigurationError, also where others may read it
 */
export async function readSecret(what: string, file: string): Promise<string> {
  return readSecretFile(what, file).catch((error: unknown) => {
    throw error instanceof SecretFileOpenError
      ? new ServeConfigurationError(error.message)
      : unreadable(what, file, error);
  });
}

function unreadable(what: string, file: string, error: unknown): ServeConfigurationError {
  return new ServeConfigurationError(
    `cannot read the ${what} ${file} (${String((error as NodeJS.ErrnoException).code)})`,
  );
}
