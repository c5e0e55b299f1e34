import { TerraformVariable, type App } from 'cdktf';
import {
  Accelerator,
  AksCompute,
  ApiKeys,
  AttachedKubernetesCluster,
  BrainwaveWebservice,
  ClusterAccess,
  ScoringCluster,
  Sample,
  SmokeTest,
  SslSettings,
  Workspace,
} from 'cdktf-brainwave';

import { image, registerModel, VariantStack } from './parts';

/** A certificate and keys of one vault, on AKS, and the certificate for online endpoints. */
export class KeyVault extends VariantStack {
  constructor(app: App, id: string) {
    super(app, id, ['Microsoft.KubernetesConfiguration']);
    const { stringValue: keyVaultId } = new TerraformVariable(this, 'key_vault_id', { type: 'string' });
    const workspace = new Workspace(this, 'Workspace', { location: 'westeurope' });
    const cluster = new ScoringCluster(this, 'Cluster', { workspace });
    const ssl = SslSettings.fromKeyVaultCertificate({
      keyVaultId,
      certificateName: 'scoring',
      hostname: 'scoring.example.com',
    });
    const service = new BrainwaveWebservice(this, 'Service', {
      model: registerModel(this, workspace),
      ssl,
      keys: ApiKeys.fromKeyVaultSecrets({
        keyVaultId,
        primarySecretName: 'primary',
        secondarySecretName: 'secondary',
      }),
      compute: new AksCompute({ cluster }),
    });
    new SmokeTest(this, 'SmokeTest', { service, samples: [Sample.image(image)] });
    new AttachedKubernetesCluster(this, 'Endpoints', {
      workspace,
      cluster: new ScoringCluster(this, 'EndpointCluster', {
        workspace,
        accelerator: Accelerator.cpu(),
        access: ClusterAccess.adminCertificate(),
      }),
      ssl,
    });
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
