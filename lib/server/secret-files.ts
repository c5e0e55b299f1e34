import { readFile } from 'node:fs/promises';

import { keyFileSchema } from '../keys/key-pair-file';
import type { ApiKeyPair } from './api-keys';
import { ServeConfigurationError } from './serve-configuration';

/**
 * Reads the keys of a service.
 * @throws ServeConfigurationError, which never shows what the file holds
 */
export async function readKeyFile(file: string): Promise<ApiKeyPair> {
  const text = await readText('key file', file);
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
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ServeConfigurationError(
      `cannot read the ${what} ${file} (${String((error as NodeJS.ErrnoException).code)})`,
    );
  }
}
