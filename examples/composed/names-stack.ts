import path from 'node:path';

import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { TerraformStack } from 'cdktf';
import { DnsRecords, DnsZone, Sample, SmokeTest, type IWebservice } from 'cdktf-brainwave';
import type { Construct } from 'constructs';

import type { ServicesStack } from './services-stack';
import { keepState, settings } from './settings';

/** DNS records of both services in one zone, and the smoke tests, which need the names and the keys. */
export class NamesStack extends TerraformStack {
  constructor(scope: Construct, id: string, services: ServicesStack) {
    super(scope, id);
    keepState(this);
    new AzurermProvider(this, 'azurerm', { features: [{}] });
    const zone = DnsZone.fromDnsZoneAttributes(this, 'Zone', {
      zoneName: settings.domain,
      resourceGroupName: 'dns',
    });
    const regions: Record<string, IWebservice> = { Europe: services.europe, America: services.america };
    for (const [region, service] of Object.entries(regions)) {
      new DnsRecords(this, region, { zone, service });
      new SmokeTest(this, `${region}SmokeTest`, {
        service,
        samples: [Sample.image(path.join(__dirname, '../quickstart/images/chelsea.png'))],
        expect: { label: 'tiger cat', minimumProbability: 0.3 },
      });
    }
  }
}
