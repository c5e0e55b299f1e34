import { readFile } from 'node:fs/promises';

import { keyFileSchema } from '../contract/key-file';
import type { ServeConfiguration } from '../contract/serve-configuration';
import { readSecretFile, SecretFileOpenError } from '../files/secret-file';
import type { AccessSettings } from './access-control';
import type { ApiKeyPair } from './key-check';
import { ServeConfigurationError } from './serving-errors';

/**
 * Reads the certificate and the secrets that a configuration references. Only the owner may have permissions on the
 * private key and the key file.
 * @throws ServeConfigurationError, which never contains the content of a file
 */
export async function readSecrets({
  tls,
  keyFile,
}: Pick<ServeConfiguration, 'tls' | 'keyFile'>): Promise<Pick<AccessSettings, 'tls' | 'keys'>> {
  return {
    tls: tls && {
      certificate: await readText('certificate', tls.certificateFile),
      privateKey: await readSecret('private key', tls.privateKeyFile),
    },
    keys: keyFile === undefined ? undefined : await readKeyFile(keyFile),
  };
}

async function readKeyFile(file: string): Promise<ApiKeyPair> {
  const text = await readSecret('key file', file);
  try {
    return keyFileSchema.parse(JSON.parse(text));
  } catch {
    // The parser's message would quote the file and expose the keys.
    throw new ServeConfigurationError(
      `the key file ${file} does not contain keys; expected JSON: {"primaryKey": "…", "secondaryKey": "…"}`,
    );
  }
}

async function readText(what: string, file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(what, file, error);
  });
}

async function readSecret(what: string, file: string): Promise<string> {
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
