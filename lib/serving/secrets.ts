import { readFile } from 'node:fs/promises';

import { SERVER_VARIABLES } from '../contract/environment';
import { keyFileSchema } from '../contract/key-file';
import type { ServeConfiguration } from '../contract/serve-configuration';
import { readSecretFile, SecretFileOpenError } from '../files/secret-file';
import type { AccessSettings } from './access-control';
import type { ApiKeyPair } from './key-check';
import { ServeConfigurationError } from './serving-errors';
import type { TlsContext } from './tls-policy';

type SecretSources = Pick<ServeConfiguration, 'tls' | 'keyFile' | 'secretsFromEnvironment'>;

/**
 * Reads the certificate and the secrets that a configuration references. Only the owner may have permissions on the
 * private key and the key file.
 * @throws ServeConfigurationError, which never contains the content of a file or a variable
 */
export async function readSecrets({
  tls,
  keyFile,
  secretsFromEnvironment = [],
}: SecretSources): Promise<Pick<AccessSettings, 'tls' | 'keys'>> {
  const files = {
    tls: tls && {
      certificate: await readText('certificate', tls.certificateFile),
      privateKey: await readSecret('private key', tls.privateKeyFile),
    },
    keys: keyFile === undefined ? undefined : await readKeyFile(keyFile),
  };
  return {
    tls: secretsFromEnvironment.includes('certificate')
      ? onlySource('tls', 'certificate', files.tls, certificateVariables)
      : files.tls,
    keys: secretsFromEnvironment.includes('keys')
      ? onlySource('keyFile', 'keys', files.keys, keyVariables)
      : files.keys,
  };
}

function onlySource<Secret>(
  field: string,
  secret: string,
  fromFile: Secret | undefined,
  fromEnvironment: () => Secret,
): Secret {
  if (fromFile !== undefined) {
    throw new ServeConfigurationError(
      `${field} is set, and secretsFromEnvironment contains "${secret}"; remove one of them`,
    );
  }
  return fromEnvironment();
}

function certificateVariables(): TlsContext {
  const certificate = requireVariable(SERVER_VARIABLES.certificate, 'the certificate chain as PEM');
  if (!certificate.includes('-----BEGIN')) {
    throw new ServeConfigurationError(
      `the environment variable ${SERVER_VARIABLES.certificate} does not contain PEM; if it comes from a key vault, create the ` +
        'certificate with the content type application/x-pem-file',
    );
  }
  return { certificate, privateKey: process.env[SERVER_VARIABLES.privateKey] ?? certificate };
}

function keyVariables(): ApiKeyPair {
  return {
    primaryKey: requireVariable(SERVER_VARIABLES.primaryKey, 'the primary key'),
    secondaryKey: requireVariable(SERVER_VARIABLES.secondaryKey, 'the secondary key'),
  };
}

function requireVariable(name: string, expected: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new ServeConfigurationError(
      `the environment variable ${name} is ${value === undefined ? 'not set' : 'empty'}; set it to ${expected}`,
    );
  }
  return value;
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
