import type { TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';

import { DataAzurermKeyVaultCertificate, DataAzurermKeyVaultCertificateData } from '../bindings/azurerm';
import { EphemeralResource } from '../terraform/ephemeral-resource';
import { secretsInState } from '../terraform/secrets-in-state';
import { provideCertificate, type ProvidedCertificate } from '../tls-and-keys/provided-certificate';
import type { KeyVaultCertificateConfiguration, SslConfiguration } from '../tls-and-keys/ssl-settings';
import { ConstructError } from '../validation/construct-error';

/**
 * Returns the certificate from its source, for attributes that Terraform does not store. Terraform reads a certificate in a
 * key vault (PEM or PKCS #12); after the vault renews it, the next apply deploys the renewed certificate.
 * @throws ConstructError if the source is one that works only on the local machine
 * @internal
 */
export function kubernetesCertificate(
  scope: Construct,
  ssl: SslConfiguration,
  provider: TerraformProvider | undefined,
): ProvidedCertificate {
  return ssl.keyVault && !secretsInState(scope)
    ? ephemeralCertificate(scope, ssl.keyVault, provider)
    : storedCertificate(scope, ssl, provider);
}

function storedCertificate(
  scope: Construct,
  ssl: SslConfiguration,
  provider: TerraformProvider | undefined,
): ProvidedCertificate {
  if (ssl.keyVault) {
    const { pem, key, version } = new DataAzurermKeyVaultCertificateData(scope, 'Certificate', {
      keyVaultId: ssl.keyVault.keyVaultId,
      name: ssl.keyVault.certificateName,
      provider,
    });
    return { certificate: pem, privateKey: key, revision: version };
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

function ephemeralCertificate(
  scope: Construct,
  { keyVaultId, certificateName: name }: KeyVaultCertificateConfiguration,
  provider: TerraformProvider | undefined,
): ProvidedCertificate {
  // Its attributes are public; it has no private key.
  const { version } = new DataAzurermKeyVaultCertificate(scope, 'CertificateVersion', {
    keyVaultId,
    name,
    provider,
  });
  const certificate = new EphemeralResource(scope, 'Certificate', {
    type: 'azurerm_key_vault_certificate',
    // The planned version, even if the vault renews the certificate before the apply.
    attributes: { key_vault_id: keyVaultId, name, version },
    provider,
  });
  return {
    certificate: certificate.getStringAttribute('pem'),
    privateKey: certificate.getStringAttribute('key'),
    revision: version,
  };
}
