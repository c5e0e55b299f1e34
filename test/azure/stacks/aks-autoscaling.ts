import type { App } from 'cdktf';
import {
  Accelerator,
  AksCompute,
  Autoscaling,
  BrainwaveWebservice,
  Environment,
  ScoringCluster,
  Sample,
  SmokeTest,
  SslSettings,
  Workspace,
} from 'cdktf-brainwave';

import { image, registerModel, VariantStack } from './parts';

/** GPU nodes in three zones and replicas, both as many as the load needs; without TLS. */
export class AksAutoscaling extends VariantStack {
  constructor(app: App, id: string) {
    super(app, id);
    const workspace = new Workspace(this, 'Workspace', {
      location: 'eastus',
      environment: Environment.production({ zones: ['1', '2', '3'] }),
      tags: { team: 'pets' },
    });
    const cluster = new ScoringCluster(this, 'Cluster', {
      workspace,
      accelerator: Accelerator.gpu('Standard_NC4as_T4_v3'),
      nodeCount: 1,
      maxNodeCount: 4,
      kubernetesVersion: '1.33',
      adminGroupObjectIds: ['44444444-4444-4444-4444-444444444444'],
      tags: { team: 'pets' },
    });
    const service = new BrainwaveWebservice(this, 'Service', {
      model: registerModel(this, workspace),
      ssl: SslSettings.disabled(),
      compute: new AksCompute({
        cluster,
        autoscaling: Autoscaling.cpu({ maxReplicas: 3, utilizationPercent: 60 }),
      }),
    });
    new SmokeTest(this, 'SmokeTest', { service, samples: [Sample.image(image)] });
  }
}
