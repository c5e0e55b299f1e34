import type { Hash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';

import type { SecretsSpecification } from '../contract/workload-specification';
import { provideCertificate } from './service-certificate';
import type { ServiceFolder } from './service-folder';
import { requireKeys, rotateKeys } from './service-keys';

/**
 * Puts the certificate and the keys that a server is to use into its folder.
 * @param projectFolder what the specification's paths are relative to
 * @throws LocalError CERTIFICATE_UNUSABLE, FILE_MISSING
 */
export async function provideSecrets(
  folder: ServiceFolder,
  { tls, keys }: SecretsSpecification,
  projectFolder: string,
): Promise<void> {
  if (tls) {
    await provideCertificate(folder, tls, projectFolder);
  }
  if (keys?.generated) {
    await rotateKeys(folder, keys.generated);
  } else if (keys) {
    await requireKeys(folder);
    // Keys that were given belong to no rotation: going back to generated ones makes new ones.
    await rm(folder.rotationFile, { force: true });
  }
}

/**
 * Ends a configuration's revision: it changes when what is in the certificate, its key or the access keys does.
 * @returns hexadecimal
 */
export async function hashWithSecrets(
  hash: Hash,
  {
    tls,
    keyFile,
  }: {
    readonly tls?: { readonly certificateFile: string; readonly privateKeyFile: string } | undefined;
    readonly keyFile?: string | undefined;
  },
): Promise<string> {
  for (const file of [tls?.certificateFile, tls?.privateKeyFile, keyFile]) {
    hash.update(file === undefined ? '' : await readFile(file));
  }
  return hash.digest('hex');
}
