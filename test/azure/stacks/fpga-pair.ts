import { TerraformVariable, type App } from 'cdktf';
import {
  ApiKeys,
  BrainwaveWebservice,
  FpgaCompute,
  FpgaImage,
  FpgaVmSize,
  Sample,
  SmokeTest,
  Workspace,
} from 'cdktf-brainwave';

import { certificate, image, registerModel, VariantStack } from './parts';

/** Two machines with two FPGAs each, from an image and in a subnet that exist; a certificate from variables, generated keys. */
export class FpgaPair extends VariantStack {
  constructor(app: App, id: string) {
    super(app, id);
    const variable = (name: string) => new TerraformVariable(this, name, { type: 'string' }).stringValue;
    const workspace = new Workspace(this, 'Workspace', { location: 'westeurope' });
    const service = new BrainwaveWebservice(this, 'Service', {
      model: registerModel(this, workspace),
      ssl: certificate(this, 'scoring.example.com'),
      keys: ApiKeys.generated({ primaryRotation: '1' }),
      replicas: 2,
      compute: new FpgaCompute({
        accelerator: { image: 'docker.io/example/efficientnet-lite0-u250:1' },
        sshPublicKey: variable('ssh_public_key'),
        vmSize: FpgaVmSize.NP20S,
        machineImage: FpgaImage.fromImageId(variable('machine_image_id')),
        subnetId: variable('subnet_id'),
        machineZones: ['1', '2'],
      }),
    });
    new SmokeTest(this, 'SmokeTest', { service, samples: [Sample.image(image)] });
  }
}
