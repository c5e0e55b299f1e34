import { rm } from 'node:fs/promises';

import type { SecretsSpecification } from './local-service-specification';
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
