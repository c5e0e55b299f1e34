import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { AzurermBackend, TerraformStack } from 'cdktf';
import { AcmeCertificate, AcmeChallenge, AcmeProvider, DnsZone } from 'cdktf-brainwave';
import type { Construct } from 'constructs';

import { certificate, stateOf, zone } from './azure-settings';

/**
 * The certificate of the service on Azure, from Let's Encrypt. `scripts/renew.sh` applies this stack every night. Its state contains
 * the private key, which the state of the service does not.
 */
export class CertificateStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new AzurermBackend(this, stateOf(id));
    new AzurermProvider(this, 'azurerm', { features: [{}] });
    new AcmeProvider(this, 'acme', { serverUrl: AcmeProvider.LETS_ENCRYPT });
    new AcmeCertificate(this, 'Certificate', {
      ...certificate,
      challenge: AcmeChallenge.azureDns({ zone: DnsZone.fromDnsZoneAttributes(this, 'Zone', zone) }),
    });
  }
}
