import { TerraformVariable, type App } from 'cdktf';
import {
  ApiKeys,
  BrainwaveWebservice,
  DnsRecords,
  DnsZone,
  FpgaCompute,
  FpgaImage,
  MarketplaceTerms,
  Sample,
  SmokeTest,
  SslSettings,
  Workspace,
  ZoneVisibility,
} from 'cdktf-brainwave';

import { image, registerModel, VariantStack } from './parts';

/** FPGA machines behind a private name, in a workspace of parts that exist; a certificate and keys of a vault. */
export class PrivateDns extends VariantStack {
  constructor(app: App, id: string) {
    super(app, id);
    const variable = (name: string) => new TerraformVariable(this, name, { type: 'string' }).stringValue;
    const keyVaultId = variable('key_vault_id');
    const workspace = new Workspace(this, 'Workspace', {
      location: 'westeurope',
      resourceGroupName: 'parts',
      storageAccount: { id: variable('storage_account_id'), name: 'partsstorage' },
      keyVault: { id: keyVaultId, name: 'example-certificates' },
      applicationInsightsId: variable('application_insights_id'),
      containerRegistry: { id: variable('registry_id'), loginServer: 'partsregistry.azurecr.io' },
      purgeOnDestroy: true,
    });
    const service = new BrainwaveWebservice(this, 'Service', {
      model: registerModel(this, workspace),
      ssl: SslSettings.fromKeyVaultCertificate({
        keyVaultId,
        certificateName: 'scoring',
        hostname: 'scoring.example.internal',
      }),
      keys: ApiKeys.fromKeyVaultSecrets({
        keyVaultId,
        primarySecretName: 'primary',
        secondarySecretName: 'secondary',
      }),
      compute: new FpgaCompute({
        accelerator: { image: 'partsregistry.azurecr.io/efficientnet-lite0-u250:1' },
        sshPublicKey: variable('ssh_public_key'),
        machineImage: FpgaImage.vitis(MarketplaceTerms.ACCEPTED_ALREADY),
      }),
    });
    const zone = new DnsZone(this, 'Zone', {
      zoneName: 'example.internal',
      resourceGroupName: 'parts',
      visibility: ZoneVisibility.PRIVATE,
      virtualNetworkIds: [variable('former_network_id'), variable('network_id')],
    });
    new DnsRecords(this, 'Dns', { zone, service });
    new SmokeTest(this, 'SmokeTest', { service, samples: [Sample.image(image)] });
  }
}
