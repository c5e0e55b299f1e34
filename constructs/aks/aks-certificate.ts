import { DataAzurermKeyVaultCertificateData } from '@cdktf/provider-azurerm/lib/data-azurerm-key-vault-certificate-data';
import { Fn, Token, type TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';

import { secretFile } from '../terraform/project-files';
import { ConstructError } from '../validation/construct-error';
import { provideCertificate } from '../tls-and-keys/provided-certificate';
import type { SslConfiguration } from '../tls-and-keys/ssl-settings';

/** A certificate as a Kubernetes secret needs it. @internal */
export interface AksCertificate {
  /** PEM. A sensitive token. */
  readonly certificate: string;
  /** PEM. A sensitive token. */
  readonly privateKey: string;
  /** Changes when the certificate does. */
  readonly revision: string;
  /** @default - clients trust the public roots */
  readonly rootCertificateFile?: string | undefined;
  /** What reads it. @default - it is no vault's */
  readonly data?: DataAzurermKeyVaultCertificateData | undefined;
}

/**
 * A certificate's values, from wherever it comes. One in a vault is read by Terraform, as PEM or PKCS #12, and
 * renewed by the next apply after the vault has renewed it.
 * @throws ConstructError for a certificate that only a machine of the user's can make
 * @internal
 */
export function aksCertificate(
  scope: Construct,
  ssl: SslConfiguration,
  provider: TerraformProvider | undefined,
): AksCertificate {
  const { files, keyVault } = ssl;
  if (keyVault) {
    const data = new DataAzurermKeyVaultCertificateData(scope, 'Certificate', {
      keyVaultId: keyVault.keyVaultId,
      name: keyVault.certificateName,
      ...(provider && { provider }),
    });
    return {
      certificate: data.pem,
      privateKey: data.key,
      revision: data.version,
      ...rootOf(ssl.rootCertificateFile),
      data,
    };
  }
  if (files) {
    return {
      certificate: secretFile(scope, files.certificate),
      privateKey: secretFile(scope, files.privateKey),
      revision: files.fingerprint,
      ...rootOf(files.rootCertificate ?? (files.allowSelfSigned ? files.certificate : undefined)),
    };
  }
  const pem = provideCertificate(scope, ssl);
  if (!pem) {
    throw new ConstructError(scope, 'its certificate has no source that AksCompute knows');
  }
  return {
    ...pem,
    revision: Token.asString(Fn.sha256(pem.certificate)),
    ...rootOf(ssl.rootCertificateFile),
  };
}

function rootOf(rootCertificateFile: string | undefined): Pick<AksCertificate, 'rootCertificateFile'> {
  return rootCertificateFile === undefined ? {} : { rootCertificateFile };
}
