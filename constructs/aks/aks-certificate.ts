import { DataAzurermKeyVaultCertificateData } from '@cdktf/provider-azurerm/lib/data-azurerm-key-vault-certificate-data';
import { Fn, Token, type TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';

import { secretFile } from '../terraform/project-files';
import { ConstructError } from '../validation/construct-error';
import { provideCertificate } from '../tls-and-keys/provided-certificate';
import type { SslConfiguration } from '../tls-and-keys/ssl-settings';

/** Certificate and private key for a Kubernetes Secret. @internal */
export interface AksCertificate {
  /** PEM. A sensitive token. */
  readonly certificate: string;
  /** PEM. A sensitive token. */
  readonly privateKey: string;
  /** Changes when the certificate changes. */
  readonly revision: string;
  /** @default - clients trust the public roots */
  readonly rootCertificateFile?: string | undefined;
  /** Data source that reads the certificate. @default - the certificate is not in a key vault */
  readonly data?: DataAzurermKeyVaultCertificateData | undefined;
}

/**
 * Returns the certificate from its source. Terraform reads a certificate in a key vault (PEM or PKCS #12); after the vault
 * renews it, the next apply deploys the renewed certificate.
 * @throws ConstructError if the source is one that works only on the local machine
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
      provider,
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
    throw new ConstructError(
      scope,
      'AksCompute does not support the source of the certificate; use one of SslSettings',
    );
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
