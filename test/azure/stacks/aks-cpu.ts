import type { App } from 'cdktf';
import {
  Accelerator,
  AksCompute,
  ApiKeys,
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

/** Processors, an address in a resource group of its own, a zone of the stack's own with a CAA record. */
export class AksCpu extends VariantStack {
  constructor(app: App, id: string) {
    super(app, id);
    const workspace = new Workspace(this, 'Workspace', { location: 'eastus' });
    const cluster = new ScoringCluster(this, 'Cluster', { workspace, accelerator: Accelerator.cpu() });
    const service = new BrainwaveWebservice(this, 'Service', {
      model: registerModel(this, workspace),
      ssl: certificate(this, 'scoring.example.com'),
      keys: ApiKeys.generated({ primaryRotation: '1' }),
      compute: new AksCompute({
        cluster,
        exposure: PublicAddress.inResourceGroup('dns'),
        allowedSourceRanges: ['203.0.113.0/24'],
      }),
    });
    const zone = new DnsZone(this, 'Zone', { zoneName: 'scoring.example.com', resourceGroupName: 'dns' });
    new DnsRecords(this, 'Dns', { zone, service, certificateAuthorities: ['letsencrypt.org'] });
    new SmokeTest(this, 'SmokeTest', { service, samples: [Sample.image(image)] });
  }
}
