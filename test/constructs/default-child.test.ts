import {
  KubernetesService,
  DnsRecords,
  DnsZone,
  NvidiaDevicePlugin,
  Sample,
  ScoringCluster,
  SmokeTest,
  SslSettings,
  Workspace,
} from '../../constructs';
import { declareService } from './support/aks';
import { azureStack } from './support/azure-stack';
import { TestProject } from './support/test-project';

describe('the default child of a construct with one main resource', () => {
  let project: TestProject;
  beforeEach(() => {
    project = new TestProject();
  });
  afterEach(() => {
    project.leave();
  });

  it('is that resource, for overrides', () => {
    const stack = azureStack(project);
    const workspace = new Workspace(stack, 'Workspace', { location: 'westeurope' });
    const cluster = new ScoringCluster(stack, 'Cluster', { workspace });
    const plugin = new NvidiaDevicePlugin(stack, 'Plugin', { cluster });
    const zone = new DnsZone(stack, 'Zone', { zoneName: 'example.com', resourceGroupName: 'names' });

    expect(workspace.node.defaultChild).toBe(workspace.resource);
    expect(cluster.node.defaultChild).toBe(cluster.cluster);
    expect(plugin.node.defaultChild).toBe(plugin.daemonSet);
    expect(zone.node.defaultChild).toBe(zone.publicZone);
  });

  it('is that of a service, its name and its test', () => {
    const stack = azureStack(project);
    const keyVaultId = '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v';
    const hostname = 'scoring.example.com';
    const ssl = SslSettings.fromKeyVaultCertificate({ keyVaultId, certificateName: 'scoring', hostname });
    const service = declareService(project, stack, { service: { ssl } });
    const zone = new DnsZone(stack, 'Zone', { zoneName: 'example.com', resourceGroupName: 'names' });
    const records = new DnsRecords(stack, 'Dns', { zone, service });
    const test = new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });

    expect(KubernetesService.of(service).node.defaultChild).toBe(KubernetesService.of(service).deployment);
    expect(records.node.defaultChild).toBe(records.addressRecord);
    expect(test.node.defaultChild).toBe(test.resource);
  });
});
