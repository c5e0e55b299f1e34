import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import type { SecretsSpecification } from '../contract/workload-specification';
import { provideCertificate } from './workload-certificate';
import type { WorkloadFolder } from './workload-folder';
import { requireKeys, rotateKeys } from './workload-keys';

/**
 * Writes the certificate and the keys of a workload to its folder.
 * @param projectFolder folder to which paths in the specification are relative
 * @throws LocalError CERTIFICATE_UNUSABLE, FILE_MISSING
 */
export async function provideSecrets(
  folder: WorkloadFolder,
  { tls, keys }: SecretsSpecification,
  projectFolder: string,
): Promise<void> {
  if (tls) {
    await provideCertificate(folder, tls, projectFolder);
  }
  await removeUnusedCertificate(folder, tls?.files?.privateKey, projectFolder);
  if (keys?.generated) {
    await rotateKeys(folder, keys.generated);
  } else if (keys) {
    await requireKeys(folder);
    // Provided keys have no rotation, so that a later switch to generated keys generates new ones.
    await rm(folder.rotationFile, { force: true });
  }
}

/** Removes a provided certificate, with its private key, once the workload has a certificate from elsewhere. */
async function removeUnusedCertificate(
  folder: WorkloadFolder,
  privateKey: string | undefined,
  projectFolder: string,
): Promise<void> {
  const { providedCertificateFile, providedPrivateKeyFile } = folder;
  const isUsed =
    privateKey !== undefined &&
    path.resolve(projectFolder, privateKey) === path.resolve(providedPrivateKeyFile);
  if (!isUsed) {
    await rm(providedCertificateFile, { force: true });
    await rm(providedPrivateKeyFile, { force: true });
  }
}

/**
 * Computes a hash of a configuration, which also changes with the content of the certificate and the secrets.
 * @returns hexadecimal
 */
export async function contentHashOf(
  configuration: { readonly tls?: TlsFiles | undefined; readonly keyFile?: string | undefined },
  contentHash: string,
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([configuration, contentHash]));
  const { tls, keyFile } = configuration;
  for (const file of [tls?.certificateFile, tls?.privateKeyFile, keyFile]) {
    hash.update(file === undefined ? '' : await readFile(file));
  }
  return hash.digest('hex');
}

interface TlsFiles {
  readonly certificateFile: string;
  readonly privateKeyFile: string;
}
