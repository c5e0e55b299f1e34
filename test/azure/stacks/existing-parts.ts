import { TerraformVariable, type App } from 'cdktf';
import {
  AksCompute,
  BrainwaveWebservice,
  DnsRecords,
  DnsZone,
  PublicAddress,
  ScoringCluster,
  Sample,
  SmokeTest,
  Workspace,
} from 'cdktf-brainwave';

import { certificate, image, registerModel, VariantStack } from './parts';

/** A workspace, a cluster, an address and a zone that exist. */
export class ExistingParts extends VariantStack {
  constructor(app: App, id: string) {
    super(app, id);
    const { stringValue: workspaceId } = new TerraformVariable(this, 'workspace_id', { type: 'string' });
    const workspace = Workspace.fromWorkspaceAttributes(this, 'Workspace', { workspaceId });
    const cluster = ScoringCluster.fromScoringClusterAttributes(this, 'Cluster', {
      clusterName: 'existing',
      resourceGroupName: 'parts',
      nodePoolName: 'scoring',
    });
    const service = new BrainwaveWebservice(this, 'Service', {
      model: registerModel(this, workspace),
      ssl: certificate(this, 'scoring.example.com'),
      compute: new AksCompute({
        cluster,
        exposure: PublicAddress.fromPublicIpName('scoring', 'parts'),
        namespace: 'default',
      }),
    });
    const zone = DnsZone.fromDnsZoneAttributes(this, 'Zone', {
      zoneName: 'example.com',
      resourceGroupName: 'dns',
    });
    new DnsRecords(this, 'Dns', { zone, service });
    new SmokeTest(this, 'SmokeTest', { service, samples: [Sample.image(image)] });
  }
}
