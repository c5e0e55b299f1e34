import type { App } from 'cdktf';
import {
  Accelerator,
  AttachedKubernetesCluster,
  ClusterAccess,
  EndpointTraffic,
  OnlineDeployment,
  OnlineEndpoint,
  ScoringCluster,
  ScoringEnvironment,
  SslSettings,
  Workspace,
} from 'cdktf-brainwave';

import { registerModel, VariantStack } from './parts';

/** Two deployments of containers with servers of their own, on processors, behind a private address without TLS. */
export class OnlineEndpoints extends VariantStack {
  constructor(app: App, id: string) {
    super(app, id, ['Microsoft.KubernetesConfiguration']);
    const workspace = new Workspace(this, 'Workspace', { location: 'westeurope' });
    const compute = new AttachedKubernetesCluster(this, 'Compute', {
      workspace,
      cluster: new ScoringCluster(this, 'Cluster', {
        workspace,
        accelerator: Accelerator.cpu(),
        access: ClusterAccess.adminCertificate(),
      }),
      ssl: SslSettings.disabled(),
      internalLoadBalancer: true,
      instanceTypes: [{ name: 'small' }, { name: 'large', cpu: '2', memory: '8Gi' }],
    });
    const endpoint = new OnlineEndpoint(this, 'Endpoint', { compute, name: 'pets' });
    const environment = new ScoringEnvironment(this, 'Environment', {
      workspace,
      image: 'docker.io/tensorflow/serving:2.18.0',
      routes: { port: 8501, scoringPath: '/v1/models/pets:predict', livenessPath: '/v1/models/pets' },
    });
    const model = registerModel(this, workspace);
    const blue = new OnlineDeployment(this, 'Blue', { endpoint, environment, model, name: 'blue' });
    const green = new OnlineDeployment(this, 'Green', {
      endpoint,
      environment,
      model,
      name: 'green',
      instanceType: 'large',
      autoscaling: { maxReplicas: 3 },
      environmentVariables: { MODEL_NAME: 'pets' },
    });
    new EndpointTraffic(this, 'Traffic', {
      endpoint,
      shares: [
        { deployment: blue, percent: 90 },
        { deployment: green, percent: 10 },
      ],
    });
    endpoint.addOutputs();
  }
}
