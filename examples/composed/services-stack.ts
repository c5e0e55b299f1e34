import { TerraformStack } from 'cdktf';
import {
  AksCompute,
  AzapiProvider,
  BrainwaveWebservice,
  RegisteredModel,
  ScoringImage,
  SslSettings,
  type IScoringCluster,
} from 'cdktf-brainwave';
import type { Construct } from 'constructs';

import { declareProviders } from './azure-providers';
import type { PlatformStack } from './platform-stack';
import { serviceDefinition } from './service-definition';
import { keepState, settings } from './settings';

/** Resources that change with each model: the model, its image, and a web service per region. */
export class ServicesStack extends TerraformStack {
  readonly europe: BrainwaveWebservice;
  readonly america: BrainwaveWebservice;
  private readonly model: RegisteredModel;
  private readonly image: ScoringImage;

  constructor(scope: Construct, id: string, platform: PlatformStack) {
    super(scope, id);
    keepState(this);
    declareProviders(this);
    new AzapiProvider(this, 'azapi');
    this.model = new RegisteredModel(this, 'Model', {
      workspace: platform.workspace,
      name: 'efficientnet-lite0',
      serviceDefinition,
    });
    this.image = new ScoringImage(this, 'Image', { model: this.model });
    this.europe = this.serve('Europe', platform.europe);
    this.america = this.serve('America', platform.america);
  }

  private serve(region: string, cluster: IScoringCluster): BrainwaveWebservice {
    const name = region.toLowerCase();
    return new BrainwaveWebservice(this, region, {
      model: this.model,
      compute: new AksCompute({ cluster, image: this.image }),
      ssl: SslSettings.fromKeyVaultCertificate({
        keyVaultId: settings.certificateVaultId,
        certificateName: `scoring-${name}`,
        hostname: `${name}.scoring.${settings.domain}`,
      }),
    });
  }
}
