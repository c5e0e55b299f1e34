import type { TerraformStack } from 'cdktf';

import { Egress, PrivateNetwork, type PrivateNetworkProps } from '../../../constructs';
import { azureStack } from '../support/azure-stack';
import { refusal } from '../support/messages';
import { TerraformJson } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

const HUB = '/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/pipeline';

describe('a private network', () => {
  let project: TestProject;
  let stack: TerraformStack;

  beforeEach(() => {
    project = new TestProject();
    stack = azureStack(project);
  });

  afterEach(() => {
    project.leave();
  });

  function declareNetwork(props: Partial<PrivateNetworkProps> = {}): PrivateNetwork {
    return new PrivateNetwork(stack, 'Network', { location: 'westeurope', ...props });
  }

  it('has a subnet for each purpose, none with Azure’s implicit outbound access', () => {
    declareNetwork({ addressSpace: '10.80.0.0/18' });
    const json = new TerraformJson(stack);
    expect(json.only('azurerm_virtual_network').address_space).toEqual(['10.80.0.0/18']);
    const subnets = json.all('azurerm_subnet');
    expect(subnets.map((each) => [each.name, each.address_prefixes])).toEqual([
      ['builds', ['${cidrsubnet("10.80.0.0/18", 4, 6)}']],
      ['endpoints', ['${cidrsubnet("10.80.0.0/18", 4, 4)}']],
      ['nodes', ['${cidrsubnet("10.80.0.0/18", 2, 0)}']],
      ['services', ['${cidrsubnet("10.80.0.0/18", 4, 5)}']],
    ]);
    expect(subnets.map((each) => each.default_outbound_access_enabled)).toEqual([false, false, false, false]);
  });

  it('lets security rules apply to private endpoints, and Private Link services into their subnet', () => {
    declareNetwork();
    const subnets = new TerraformJson(stack).all('azurerm_subnet');
    expect(subnets).toContainEqual(
      expect.objectContaining({ name: 'endpoints', private_endpoint_network_policies: 'Enabled' }),
    );
    expect(subnets).toContainEqual(
      expect.objectContaining({ name: 'services', private_link_service_network_policies_enabled: false }),
    );
  });

  it('has a security group on every subnet', () => {
    declareNetwork();
    const json = new TerraformJson(stack);
    expect(json.all('azurerm_subnet_network_security_group_association')).toHaveLength(4);
    expect(json.all('azurerm_network_security_rule')).toEqual([]);
  });

  it('leads nodes and builds to a NAT gateway', () => {
    declareNetwork({ egress: Egress.natGateway({ zone: '1', idleTimeoutMinutes: 10 }) });
    const json = new TerraformJson(stack);
    expect(json.only('azurerm_nat_gateway')).toMatchObject({ zones: ['1'], idle_timeout_in_minutes: 10 });
    expect(json.only('azurerm_public_ip')).toMatchObject({ sku: 'Standard', zones: ['1'] });
    expect(json.all('azurerm_subnet_nat_gateway_association')).toHaveLength(2);
  });

  it('leads nodes and builds to a firewall', () => {
    const network = declareNetwork({ egress: Egress.firewall({ privateIpAddress: '10.0.1.4' }) });
    const json = new TerraformJson(stack);
    expect(json.only('azurerm_route_table')).toMatchObject({
      bgp_route_propagation_enabled: false,
      route: [
        {
          address_prefix: '0.0.0.0/0',
          next_hop_type: 'VirtualAppliance',
          next_hop_in_ip_address: '10.0.1.4',
        },
      ],
    });
    expect(json.all('azurerm_subnet_route_table_association')).toHaveLength(2);
    expect(json.all('azurerm_nat_gateway')).toEqual([]);
    expect(network.outboundType).toBe('userDefinedRouting');
  });

  it('is peered with the network of the pipeline, in both directions', () => {
    declareNetwork({ peerNetworkIds: [HUB] });
    const [from, to] = new TerraformJson(stack).all('azurerm_virtual_network_peering');
    expect(to).toMatchObject({ remote_virtual_network_id: HUB, allow_forwarded_traffic: true });
    expect(from).toMatchObject({
      resource_group_name: 'hub',
      virtual_network_name: 'pipeline',
      remote_virtual_network_id: expect.stringMatching(/^\$\{azurerm_virtual_network\./) as string,
    });
  });

  it.each([
    [
      { addressSpace: '10.60.0.0/24' },
      'addressSpace is "10.60.0.0/24"; expected an IPv4 CIDR from /16 to /22, such as 10.60.0.0/20',
    ],
    [
      { addressSpace: '10.244.0.0/16' },
      'addressSpace is "10.244.0.0/16", which overlaps with the addresses of AKS\' services (10.0.0.0/16) or pods ' +
        '(10.244.0.0/16); choose another one, such as 10.60.0.0/20',
    ],
    [
      { peerNetworkIds: ['hub'] },
      'peerNetworkIds[0] is "hub"; expected a virtual network\'s ARM id, such as /subscriptions/…/resourceGroups/…/providers/' +
        'Microsoft.Network/virtualNetworks/hub',
    ],
    [
      { egress: Egress.firewall({ privateIpAddress: 'firewall' }) },
      'privateIpAddress is "firewall"; expected the private IPv4 address of the firewall, such as 10.0.1.4',
    ],
  ])('rejects %j', (props, expected) => {
    expect(refusal(() => declareNetwork(props))).toBe(`stack/Network: ${expected}`);
  });
});
