import type { Construct } from 'constructs';

import { secretFile } from '../terraform/project-files';
import { ConstructError } from '../validation/construct-error';
import type { PemConfiguration, SslConfiguration } from './ssl-settings';

/**
 * A certificate and its key as Terraform values, for a compute that hands them on itself. Files are read by Terraform
 * when it plans, from where they lie: they are copied nowhere.
 *
 * @returns `undefined` where the certificate lies in a vault
 * @throws ConstructError for a certificate that only a machine of the user's can make
 * @internal
 */
export function provideCertificate(scope: Construct, ssl: SslConfiguration): PemConfiguration | undefined {
  const { files, pem, selfSigned } = ssl;
  if (selfSigned) {
    throw new ConstructError(
      scope,
      'SslSettings.selfSigned makes a certificate on the machine that runs the service, which is for LocalCompute; ' +
        'on Azure use fromKeyVaultCertificate (a vault makes self-signed ones, too), fromVariables or fromPemFiles',
    );
  }
  return files
    ? {
        certificate: secretFile(scope, files.certificate),
        privateKey: secretFile(scope, files.privateKey),
      }
    : pem;
}
