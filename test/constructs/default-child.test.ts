import { DnsZone, NvidiaDevicePlugin, ScoringCluster, Workspace } from '../../constructs';
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
});
