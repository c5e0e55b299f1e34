import type { App } from 'cdktf';
import {
  BrainwaveWebservice,
  EndpointTraffic,
  ManagedEndpointCompute,
  OnlineEndpoint,
  Sample,
  ScoringImage,
  SmokeTest,
  SslSettings,
  Workspace,
} from 'cdktf-brainwave';

import { image, registerModel, VariantStack } from './parts';

/** Two versions of a model, each a web service on one managed online endpoint. */
export class BlueGreen extends VariantStack {
  constructor(app: App, id: string) {
    super(app, id);
    const workspace = new Workspace(this, 'Workspace', { location: 'westeurope' });
    const endpoint = new OnlineEndpoint(this, 'Endpoint', { workspace, name: 'pets' });
    const percents: Readonly<Record<string, number>> = { blue: 90, green: 10 };
    const serve = (name: string, version: string) => {
      const service = new BrainwaveWebservice(this, name, {
        model: registerModel(this, workspace, { id: `${name}-model`, version }),
        ssl: SslSettings.managed(),
        compute: new ManagedEndpointCompute({
          endpoint,
          deploymentName: name,
          image: ScoringImage.fromScoringImageAttributes(this, `${name}-image`, {
            imageUri: `docker.io/me/pets:${version}`,
          }),
        }),
      });
      new SmokeTest(this, `${name}-test`, { service, samples: [Sample.image(image)] });
      return { deployment: ManagedEndpointCompute.deploymentOf(service), percent: percents[name] };
    };
    const shares = [serve('blue', '1'), serve('green', '2')];
    new EndpointTraffic(this, 'Traffic', { endpoint, shares });
  }
}
