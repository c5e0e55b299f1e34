import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import type { TerraformStack } from 'cdktf';

import {
  AksCompute,
  AzapiProvider,
  BrainwaveWebservice,
  Exposure,
  NetworkIsolation,
  OutboundType,
  PrivateDnsZones,
  PrivateNetwork,
  RegisteredModel,
  Sample,
  ScoringCluster,
  SmokeTest,
  SmokeTestRunner,
  Workspace,
  type IPrivateNetwork,
  type PrivateEndpointsProps,
  type SubnetAttributes,
  type WorkspaceProps,
} from '../../../constructs';
import { acceleratedDefinition } from '../support/aks';
import { azureStack } from '../support/azure-stack';
import { declareKubernetesService } from '../support/kubernetes';
import { refusal } from '../support/messages';
import { TerraformJson, type Arguments } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

const SUBNETS =
  '/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/spoke/subnets';
const DNS_GROUP = '/subscriptions/hub/resourceGroups/dns';
const ENDPOINT = 'azurerm_private_endpoint';

let project: TestProject;
let stack: TerraformStack;

beforeEach(() => {
  project = new TestProject();
  stack = azureStack(project);
});

afterEach(() => {
  project.leave();
});

function givenNetwork(attributes: Partial<SubnetAttributes> = {}): IPrivateNetwork {
  return PrivateNetwork.fromSubnetIds(stack, 'Network', {
    nodeSubnetId: `${SUBNETS}/nodes`,
    endpointSubnetId: `${SUBNETS}/endpoints`,
    serviceSubnetId: `${SUBNETS}/services`,
    buildSubnetId: `${SUBNETS}/builds`,
    ...attributes,
  });
}

function isolation(props: Partial<PrivateEndpointsProps> = {}): NetworkIsolation {
  return NetworkIsolation.privateEndpoints({
    network: props.network ?? new PrivateNetwork(stack, 'Network', { location: 'westeurope' }),
    ...props,
  });
}

function declareWorkspace(props: Partial<WorkspaceProps> = {}): Workspace {
  return new Workspace(stack, 'Workspace', {
    location: 'westeurope',
    ...props,
    networkIsolation: props.networkIsolation ?? isolation(),
  });
}

/** Endpoints by what they lead to. */
function endpoints(json: TerraformJson): Map<string, Arguments> {
  return new Map(
    json.all(ENDPOINT).map((endpoint) => {
      const { subresource_names: names } = endpoint.private_service_connection as {
        subresource_names: string[];
      };
      return [names.join(), endpoint];
    }),
  );
}

describe('an isolated workspace', () => {
  it('has no public access, and neither have the resources that it creates', () => {
    declareWorkspace();
    const json = new TerraformJson(stack);
    expect(json.only('azapi_resource').body).toMatchObject({
      properties: { publicNetworkAccess: 'Disabled' },
    });
    expect(json.only('azurerm_storage_account')).toMatchObject({
      public_network_access_enabled: false,
      network_rules: { default_action: 'Deny', bypass: ['AzureServices'] },
    });
    expect(json.only('azurerm_key_vault')).toMatchObject({
      public_network_access_enabled: false,
      network_acls: { default_action: 'Deny', bypass: 'AzureServices' },
    });
    expect(json.only('azurerm_container_registry')).toMatchObject({
      sku: 'Premium',
      public_network_access_enabled: false,
      network_rule_bypass_option: 'AzureServices',
    });
  });

  it('has private endpoints for itself, blobs, files, secrets and images, with records in zones of the network', () => {
    declareWorkspace();
    const json = new TerraformJson(stack);
    expect([...endpoints(json).keys()].sort()).toEqual(['amlworkspace', 'blob', 'file', 'registry', 'vault']);
    for (const endpoint of json.all(ENDPOINT)) {
      expect(endpoint.subnet_id).toMatch(/^\$\{azurerm_subnet\.Network_EndpointsSubnet_\w+\.id\}$/);
    }
    const zones = json.all('azurerm_private_dns_zone').map(({ name }) => name);
    expect(zones.sort()).toEqual([
      'privatelink.api.azureml.ms',
      'privatelink.azurecr.io',
      'privatelink.blob.core.windows.net',
      'privatelink.file.core.windows.net',
      'privatelink.notebooks.azure.net',
      'privatelink.vaultcore.azure.net',
    ]);
    expect(json.all('azurerm_private_dns_zone_virtual_network_link')).toHaveLength(zones.length);
    expect(endpoints(json).get('amlworkspace')?.private_dns_zone_group).toMatchObject({
      private_dns_zone_ids: [
        expect.stringContaining('privatelinkapiazuremlms') as string,
        expect.stringContaining('privatelinknotebooksazurenet') as string,
      ],
    });
    expect(json.cycle).toEqual([]);
  });

  it('uses the zones of a hub', () => {
    declareWorkspace({
      networkIsolation: isolation({ dnsZones: PrivateDnsZones.inResourceGroup(DNS_GROUP) }),
    });
    const json = new TerraformJson(stack);
    expect(json.all('azurerm_private_dns_zone')).toEqual([]);
    expect(endpoints(json).get('vault')?.private_dns_zone_group).toMatchObject({
      private_dns_zone_ids: [
        `${DNS_GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net`,
      ],
    });
  });

  it('leaves the records to Azure Policy', () => {
    declareWorkspace({ networkIsolation: isolation({ dnsZones: PrivateDnsZones.managedByPolicy() }) });
    const blob = endpoints(new TerraformJson(stack)).get('blob');
    expect(blob?.private_dns_zone_group).toBeUndefined();
    expect(blob?.lifecycle).toEqual({ ignore_changes: ['private_dns_zone_group'] });
  });

  it('has no endpoints for resources that others have created', () => {
    declareWorkspace({
      keyVault: {
        id: '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v',
        name: 'v',
      },
    });
    expect([...endpoints(new TerraformJson(stack)).keys()]).not.toContain('vault');
  });

  it('uploads the model only once the network reaches the blobs', () => {
    const workspace = declareWorkspace();
    new RegisteredModel(stack, 'Model', {
      workspace,
      name: 'pets',
      serviceDefinition: acceleratedDefinition(project),
    });
    const json = new TerraformJson(stack);
    const { depends_on: after } = json.only('azurerm_storage_blob');
    const needed = (type: string) => (after as string[]).filter((each) => each.startsWith(`${type}.`));
    expect(needed(ENDPOINT)).toHaveLength(5);
    expect(needed('azurerm_private_dns_zone_virtual_network_link').length).toBeGreaterThan(0);
  });

  it('warns if azurerm would wait for public endpoints of the storage account', () => {
    declareWorkspace();
    const warning = 'networkIsolation; set features: [{ storage: [{ dataPlaneAvailable: false }] }]';
    expect(new TerraformJson(stack).warnings.join()).toContain(warning);
    stack = project.stack('Other');
    new AzapiProvider(stack, 'azapi');
    new AzurermProvider(stack, 'azurerm', {
      features: [
        {
          storage: [{ dataPlaneAvailable: false }],
          resourceGroup: [{ preventDeletionIfContainsResources: true }],
        },
      ],
    });
    declareWorkspace();
    expect(new TerraformJson(stack).warnings.join()).not.toContain('dataPlaneAvailable');
  });

  it('does not have public access at the same time', () => {
    expect(refusal(() => declareWorkspace({ publicNetworkAccess: true }))).toBe(
      'stack/Workspace: publicNetworkAccess is true, but networkIsolation turns public access off; remove one of them',
    );
  });

  it('rejects a resource group of zones that is not an ARM id', () => {
    const dnsZones = PrivateDnsZones.inResourceGroup('dns');
    expect(refusal(() => declareWorkspace({ networkIsolation: isolation({ dnsZones }) }))).toBe(
      'stack/Network: resourceGroupId is "dns"; expected a resource group\'s ARM id, such as /subscriptions/…/resourceGroups/dns',
    );
  });
});

describe('an isolated cluster', () => {
  function declareCluster(props: Partial<PrivateEndpointsProps> = {}): ScoringCluster {
    return new ScoringCluster(stack, 'Cluster', {
      resourceGroupName: 'scoring',
      location: 'West Europe',
      networkIsolation: isolation(props),
    });
  }

  const CLUSTER = 'azurerm_kubernetes_cluster';

  it('has a private API server and nodes in the network', () => {
    declareCluster({ network: givenNetwork() });
    const json = new TerraformJson(stack);
    expect(json.only(CLUSTER)).toMatchObject({
      private_cluster_enabled: true,
      private_cluster_public_fqdn_enabled: false,
      identity: { type: 'UserAssigned' },
      network_profile: { outbound_type: 'userDefinedRouting' },
      default_node_pool: { vnet_subnet_id: `${SUBNETS}/nodes` },
    });
    expect(json.only('azurerm_kubernetes_cluster_node_pool').vnet_subnet_id).toBe(`${SUBNETS}/nodes`);
  });

  it('may join the network and write the record of its API server, before it is created', () => {
    declareCluster({ network: givenNetwork() });
    const json = new TerraformJson(stack);
    const roles = json.all('azurerm_role_assignment').map((role) => [role.role_definition_name, role.scope]);
    expect(roles).toEqual([
      ['Private DNS Zone Contributor', expect.stringMatching(/privatelinkwesteuropeazmk8sio/) as string],
      ['Network Contributor', SUBNETS.replace('/subnets', '')],
    ]);
    expect(json.only('azurerm_private_dns_zone').name).toBe('privatelink.westeurope.azmk8s.io');
    const after = json.only(CLUSTER).depends_on as string[];
    expect(after.filter((each) => each.startsWith('azurerm_role_assignment.'))).toHaveLength(2);
    expect(after.some((each) => each.startsWith('azurerm_private_dns_zone_virtual_network_link.'))).toBe(
      true,
    );
    expect(json.cycle).toEqual([]);
  });

  it('waits for the way out of a new network', () => {
    declareCluster();
    const json = new TerraformJson(stack);
    expect(json.only(CLUSTER).network_profile).toMatchObject({ outbound_type: 'userAssignedNATGateway' });
    const after = (json.only(CLUSTER).depends_on as string[]).join();
    expect(after).toContain('azurerm_subnet_nat_gateway_association.Network_NodesNatGateway');
    expect(after).toContain('azurerm_nat_gateway_public_ip_association.');
  });

  it('leaves the zone of the API server to AKS', () => {
    declareCluster({ apiServerZoneId: 'System' });
    expect(new TerraformJson(stack).only(CLUSTER).private_dns_zone_id).toBe('System');
  });

  it('leaves the zone of the API server to AKS if Azure Policy manages records, which it does not for AKS', () => {
    declareCluster({ dnsZones: PrivateDnsZones.managedByPolicy() });
    expect(new TerraformJson(stack).only(CLUSTER).private_dns_zone_id).toBe('System');
  });

  it('uses a given zone', () => {
    const apiServerZoneId = `${DNS_GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.westeurope.azmk8s.io`;
    declareCluster({ apiServerZoneId });
    expect(new TerraformJson(stack).only(CLUSTER).private_dns_zone_id).toBe(apiServerZoneId);
  });

  it('rejects a zone that AKS rejects', () => {
    const apiServerZoneId = `${DNS_GROUP}/providers/Microsoft.Network/privateDnsZones/example.com`;
    expect(refusal(() => declareCluster({ apiServerZoneId }))).toBe(
      `stack/Cluster: apiServerZoneId is "${apiServerZoneId}"; expected System, or the ARM id of a private DNS zone named ` +
        'privatelink.<region>.azmk8s.io',
    );
  });

  it('is isolated as its workspace is', () => {
    const workspace = declareWorkspace();
    new ScoringCluster(stack, 'Cluster', { workspace });
    expect(new TerraformJson(stack).only(CLUSTER).private_cluster_enabled).toBe(true);
  });

  it('does not have address ranges of callers of a public API server', () => {
    const message = refusal(
      () =>
        new ScoringCluster(stack, 'Cluster', {
          resourceGroupName: 'scoring',
          location: 'westeurope',
          networkIsolation: isolation(),
          authorizedIpRanges: ['203.0.113.0/24'],
        }),
    );
    expect(message).toBe(
      'stack/Cluster: authorizedIpRanges is set, but networkIsolation makes the API server private, which only its network ' +
        'reaches; remove authorizedIpRanges',
    );
  });
});

describe('an image of an isolated workspace', () => {
  function declareService(workspace: Workspace): void {
    const model = new RegisteredModel(stack, 'Model', {
      workspace,
      name: 'pets',
      serviceDefinition: acceleratedDefinition(project),
    });
    const cluster = new ScoringCluster(stack, 'Cluster', { workspace });
    new BrainwaveWebservice(stack, 'Service', { model, compute: new AksCompute({ cluster }) });
  }

  it('is built by an agent pool in the network, which reaches the registry and the model', () => {
    declareService(declareWorkspace({ networkIsolation: isolation({ buildTier: 'S3', buildMachines: 2 }) }));
    const json = new TerraformJson(stack);
    expect(json.only('azurerm_container_registry_agent_pool')).toMatchObject({
      name: 'builds',
      tier: 'S3',
      instance_count: 2,
      virtual_network_subnet_id: expect.stringContaining('Network_BuildsSubnet') as string,
    });
    expect(json.only('azurerm_container_registry_task').agent_pool_name).toMatch(
      /^\$\{azurerm_container_registry_agent_pool\.Workspace_AgentPool_\w+\.name\}$/,
    );
    expect(json.cycle).toEqual([]);
  });

  it('is built by the agent pool of a given registry', () => {
    declareService(
      declareWorkspace({
        containerRegistry: {
          id: '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/hub',
          loginServer: 'hub.azurecr.io',
          agentPoolName: 'private',
        },
      }),
    );
    expect(new TerraformJson(stack).only('azurerm_container_registry_task').agent_pool_name).toBe('private');
  });

  it('cannot be built without an agent pool', () => {
    const network = givenNetwork({ buildSubnetId: undefined });
    const workspace = declareWorkspace({ networkIsolation: isolation({ network }) });
    expect(
      refusal(() => {
        declareService(workspace);
      }),
    ).toBe(
      'stack/Service/Image: the workspace is private, so the shared agents of its registry cannot build the image; set ' +
        'buildSubnetId of PrivateNetwork.fromSubnetIds, or agentPoolName of a given containerRegistry, or buildAgentPoolName of ' +
        'an imported workspace, or set image: ScoringImage.fromScoringImageAttributes(…) on the compute',
    );
  });

  it.each([
    [{ buildTier: 'S4' }, 'buildTier is "S4"; expected S1, S2, S3 or I6'],
    [{ buildMachines: 17 }, 'buildMachines is 17; expected a whole number from 0 to 16'],
  ])('rejects %j', (props, expected) => {
    expect(refusal(() => declareWorkspace({ networkIsolation: isolation(props) }))).toBe(
      `stack/Workspace: ${expected}`,
    );
  });
});

describe('a service in an isolated cluster', () => {
  it('has a private address in the subnet for services', () => {
    const workspace = declareWorkspace({ networkIsolation: isolation({ network: givenNetwork() }) });
    const model = new RegisteredModel(stack, 'Model', {
      workspace,
      name: 'pets',
      serviceDefinition: acceleratedDefinition(project),
    });
    const cluster = new ScoringCluster(stack, 'Cluster', { workspace });
    const service = new BrainwaveWebservice(stack, 'Service', {
      model,
      compute: new AksCompute({ cluster }),
    });
    const json = new TerraformJson(stack);
    expect(json.only('kubernetes_service_v1').metadata).toMatchObject({
      annotations: {
        'service.beta.kubernetes.io/azure-load-balancer-internal': 'true',
        'service.beta.kubernetes.io/azure-load-balancer-internal-subnet': 'services',
      },
    });
    expect(json.all('azurerm_public_ip').map(({ name }) => name)).toEqual([]);
    expect(service.endpoint.isPrivate).toBe(true);
  });
});

describe('given subnets', () => {
  it('are in one virtual network', () => {
    const endpointSubnetId = `${SUBNETS.replace('/spoke/', '/hub/')}/endpoints`;
    expect(refusal(() => givenNetwork({ endpointSubnetId }))).toBe(
      'stack/Network: endpointSubnetId is in the virtual network hub, but nodeSubnetId is in spoke; use subnets of one virtual ' +
        'network',
    );
  });

  it('are ARM ids', () => {
    expect(refusal(() => givenNetwork({ nodeSubnetId: 'nodes' }))).toBe(
      'stack/Network: nodeSubnetId is "nodes"; expected a subnet\'s ARM id, such as /subscriptions/…/resourceGroups/…/providers/' +
        'Microsoft.Network/virtualNetworks/spoke/subnets/nodes',
    );
  });

  it('say what is in their ids', () => {
    const network = givenNetwork({ serviceSubnetId: undefined, outboundType: OutboundType.LOAD_BALANCER });
    expect(network).toMatchObject({
      virtualNetworkId: SUBNETS.replace('/subnets', ''),
      resourceGroupName: 'net',
      serviceSubnetId: `${SUBNETS}/nodes`,
      outboundType: 'loadBalancer',
    });
  });
});

describe('the smoke test of a service with a private address', () => {
  const test = (runner?: SmokeTestRunner): TerraformJson => {
    const service = declareKubernetesService(project, stack, {
      compute: { exposure: Exposure.internalLoadBalancer() },
    });
    new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())], runner });
    return new TerraformJson(stack);
  };
  const specification = (json: TerraformJson) => json.steps('SmokeTest/Run').at(-1)?.specification;

  it('runs in the cluster, because the machine that runs Terraform may have no route to it', () => {
    expect(specification(test())).toMatchObject({ pods: { job: { name: 'stack-smoke-test' } } });
  });

  it('runs where it is told to, with a warning', () => {
    const json = test(SmokeTestRunner.TERRAFORM);
    expect(specification(json)).not.toHaveProperty('pods');
    expect(json.warnings).toContain(
      'stack/SmokeTest: runner is SmokeTestRunner.TERRAFORM, but the address of the service is private, so the test fails ' +
        'unless the machine that runs Terraform has a route to it; omit runner to test in the cluster',
    );
  });
});
