import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { LocalBackend, TerraformStack, type App } from 'cdktf';
import {
  AksCompute,
  AzapiProvider,
  BrainwaveWebservice,
  DnsRecords,
  DnsZone,
  ScoringCluster,
  Sample,
  SmokeTest,
  Workspace,
} from 'cdktf-brainwave';

import { certificate, FEATURES, image, registerModel } from './parts';

const AMERICA = '00000000-0000-0000-0000-000000000002';

/** Two subscriptions in one stack: the workspace and the zone in one, the cluster in the other. No provider is the default. */
export class ProviderAliases extends TerraformStack {
  constructor(app: App, id: string) {
    super(app, id);
    new LocalBackend(this, { path: `../../../terraform.${id}.tfstate` });
    const europe = new AzurermProvider(this, 'azurerm-europe', {
      alias: 'europe',
      features: [FEATURES],
      storageUseAzuread: true,
    });
    const america = new AzurermProvider(this, 'azurerm-america', {
      alias: 'america',
      subscriptionId: AMERICA,
      features: [FEATURES],
    });
    const azapiProvider = new AzapiProvider(this, 'azapi-europe', { alias: 'europe' });
    const workspace = new Workspace(this, 'Workspace', {
      location: 'westeurope',
      provider: europe,
      azapiProvider,
    });
    const { name: resourceGroupName } = new ResourceGroup(this, 'Group', {
      name: 'scoring-america',
      location: 'eastus',
      provider: america,
    });
    const cluster = new ScoringCluster(this, 'Cluster', {
      workspace,
      resourceGroupName,
      location: 'eastus',
      provider: america,
    });
    const service = new BrainwaveWebservice(this, 'Service', {
      model: registerModel(this, workspace),
      ssl: certificate(this, 'scoring.example.com'),
      compute: new AksCompute({ cluster }),
    });
    const zone = DnsZone.fromDnsZoneAttributes(this, 'Zone', {
      zoneName: 'example.com',
      resourceGroupName: 'dns',
      provider: europe,
    });
    new DnsRecords(this, 'Dns', { zone, service });
    new SmokeTest(this, 'SmokeTest', { service, samples: [Sample.image(image)] });
  }
}
