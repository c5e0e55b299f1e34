import type { TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';

import { DataAzurermKeyVaultCertificateData } from '../bindings/azurerm';
import { provideCertificate, type ProvidedCertificate } from '../tls-and-keys/provided-certificate';
import type { SslConfiguration } from '../tls-and-keys/ssl-settings';
import { ConstructError } from '../validation/construct-error';

/** Certificate and private key for a Kubernetes Secret. @internal */
export interface KubernetesCertificate extends ProvidedCertificate {
  /** Data source that reads the certificate. @default - the certificate is not in a key vault */
  readonly data?: DataAzurermKeyVaultCertificateData | undefined;
}

/**
 * Returns the certificate from its source. Terraform reads a certificate in a key vault (PEM or PKCS #12); after the vault
 * renews it, the next apply deploys the renewed certificate.
 * @throws ConstructError if the source is one that works only on the local machine
 * @internal
 */
export function kubernetesCertificate(
  scope: Construct,
  ssl: SslConfiguration,
  provider: TerraformProvider | undefined,
): KubernetesCertificate {
  const { keyVault } = ssl;
  if (keyVault) {
    const data = new DataAzurermKeyVaultCertificateData(scope, 'Certificate', {
      keyVaultId: keyVault.keyVaultId,
      name: keyVault.certificateName,
      provider,
    });
    return { certificate: data.pem, privateKey: data.key, revision: data.version, data };
  }
  const provided = provideCertificate(scope, ssl);
  if (!provided) {
    throw new ConstructError(
      scope,
      'Kubernetes does not support the source of the certificate; use one of SslSettings',
    );
  }
  return provided;
}
