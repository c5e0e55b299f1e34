import { TerraformVariable, type App } from 'cdktf';
import {
  AksCompute,
  ApiKeys,
  BrainwaveWebservice,
  ScoringCluster,
  Sample,
  SmokeTest,
  SslSettings,
  Workspace,
} from 'cdktf-brainwave';

import { image, registerModel, VariantStack } from './parts';

/** A certificate and keys of one vault, on AKS. */
export class KeyVault extends VariantStack {
  constructor(app: App, id: string) {
    super(app, id);
    const { stringValue: keyVaultId } = new TerraformVariable(this, 'key_vault_id', { type: 'string' });
    const workspace = new Workspace(this, 'Workspace', { location: 'westeurope' });
    const cluster = new ScoringCluster(this, 'Cluster', { workspace });
    const service = new BrainwaveWebservice(this, 'Service', {
      model: registerModel(this, workspace),
      ssl: SslSettings.fromKeyVaultCertificate({
        keyVaultId,
        certificateName: 'scoring',
        hostname: 'scoring.example.com',
      }),
      keys: ApiKeys.fromKeyVaultSecrets({
        keyVaultId,
        primarySecretName: 'primary',
        secondarySecretName: 'secondary',
      }),
      compute: new AksCompute({ cluster }),
    });
    new SmokeTest(this, 'SmokeTest', { service, samples: [Sample.image(image)] });
  }
}

/** Keys that are generated in a vault, on AKS. */
export class KeysInVault extends VariantStack {
  constructor(app: App, id: string) {
    super(app, id);
    const { stringValue: keyVaultId } = new TerraformVariable(this, 'key_vault_id', { type: 'string' });
    const workspace = new Workspace(this, 'Workspace', { location: 'westeurope' });
    const model = registerModel(this, workspace);
    const ssl = SslSettings.fromKeyVaultCertificate({
      keyVaultId,
      certificateName: 'scoring',
      hostname: 'scoring.example.com',
    });
    const keys = ApiKeys.generatedInKeyVault({ keyVaultId, primaryRotation: 1 });
    const service = new BrainwaveWebservice(this, 'Service', {
      model,
      ssl,
      keys,
      compute: new AksCompute({ cluster: new ScoringCluster(this, 'Cluster', { workspace }) }),
    });
    new SmokeTest(this, 'SmokeTest', { service, samples: [Sample.image(image)] });
  }
}
