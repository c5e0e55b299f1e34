import { Fn, Token } from 'cdktf';
import type { Construct } from 'constructs';

import { secretFile } from '../terraform/project-files';
import { ConstructError } from '../validation/construct-error';
import type { PemConfiguration, SslConfiguration } from './ssl-settings';

/** A certificate and its private key as Terraform values. @internal */
export interface ProvidedCertificate extends PemConfiguration {
  /** Changes when the certificate does. */
  readonly revision: string;
}

/**
 * Returns a certificate and its private key as Terraform values, for a compute that passes them on. Terraform reads files
 * in place when it plans; they are not copied.
 *
 * @returns `undefined` if the certificate is in a key vault; a compute reads it from there, or rejects it
 * @throws ConstructError for a certificate that only LocalCompute or a platform can issue
 * @internal
 */
export function provideCertificate(scope: Construct, ssl: SslConfiguration): ProvidedCertificate | undefined {
  const { files, managed, pem, selfSigned } = ssl;
  if (managed) {
    throw new ConstructError(
      scope,
      'SslSettings.managed is supported only by ContainerAppsCompute and ManagedEndpointCompute, whose platforms issue certificates; ' +
        'use fromKeyVaultCertificate, fromVariables or fromPemFiles',
    );
  }
  if (selfSigned) {
    throw new ConstructError(
      scope,
      'SslSettings.selfSigned is supported only by LocalCompute, because it generates the certificate on the local machine; ' +
        'on Azure, use fromKeyVaultCertificate (a vault can also create self-signed certificates), fromVariables or fromPemFiles',
    );
  }
  if (files) {
    return {
      certificate: secretFile(scope, files.certificate),
      privateKey: secretFile(scope, files.privateKey),
      revision: files.fingerprint,
    };
  }
  return pem && { ...pem, revision: Token.asString(Fn.sha256(pem.certificate)) };
}

/**
 * Returns a certificate like `provideCertificate`, for a compute that reads those in key vaults by itself.
 * @throws ConstructError also for a certificate from anywhere else
 * @internal
 */
export function requirePem(scope: Construct, ssl: SslConfiguration): ProvidedCertificate {
  const pem = provideCertificate(scope, ssl);
  if (!pem) {
    throw new ConstructError(scope, 'the source of the certificate is not supported; use one of SslSettings');
  }
  return pem;
}
