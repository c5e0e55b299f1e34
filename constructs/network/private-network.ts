import { Fn, Token, type ITerraformDependable, type TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { armIdPart } from '../azure/arm-id';
import { AZURE_NAMES, azureName } from '../azure/azure-name';
import { digestOf } from '../azure/derived-name';
import {
  NetworkSecurityGroup,
  ResourceGroup,
  Subnet,
  SubnetNetworkSecurityGroupAssociation,
  VirtualNetwork,
  VirtualNetworkPeering,
} from '../bindings/azurerm';
import { requireProvidersInStack } from '../terraform/stack-providers';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requirePattern, resolved } from '../validation/synth-value';
import { Egress } from './egress';
import { OutboundType, type IPrivateNetwork } from './private-network-reference';

/** Address space, way out and neighbors of a new virtual network. */
export interface PrivateNetworkProps {
  /** Azure region: that of everything in the network. */
  readonly location: string;
  /**
   * Name of an existing resource group.
   * @default - a resource group is created
   */
  readonly resourceGroupName?: string | undefined;
  /**
   * Address space, from /16 to /22. It must not overlap with peered networks, nor with the addresses that AKS gives to services
   * (10.0.0.0/16) and pods (10.244.0.0/16). Changing it replaces the subnets.
   * @default '10.60.0.0/20'
   */
  readonly addressSpace?: string | undefined;
  /** How machines reach other networks, such as package registries. @default Egress.natGateway() */
  readonly egress?: Egress | undefined;
  /**
   * ARM ids of existing virtual networks from which the private endpoints are reached, such as that of the pipeline's agents.
   * They are peered with this one, in both directions, and resolve its private names.
   * @default - none; only machines in this network reach the endpoints
   */
  readonly peerNetworkIds?: string[] | undefined;
  /**
   * IP addresses of DNS servers, which must forward names of Azure to 168.63.129.16.
   * @default - Azure's DNS
   */
  readonly dnsServers?: string[] | undefined;
  /** @default - none, except those of Aspects */
  readonly tags?: Record<string, string> | undefined;
  /** azurerm provider, if the stack has several. @default - the one without an alias */
  readonly provider?: TerraformProvider | undefined;
}

const PRIVATE_NETWORK_PROPS: KnownKeys<PrivateNetworkProps> = {
  location: true,
  resourceGroupName: true,
  addressSpace: true,
  egress: true,
  peerNetworkIds: true,
  dnsServers: true,
  tags: true,
  provider: true,
};

/** Existing subnets, all in one virtual network. */
export interface SubnetAttributes {
  /** ARM id of the subnet of cluster nodes and virtual machines. */
  readonly nodeSubnetId: string;
  /** ARM id of the subnet of private endpoints. */
  readonly endpointSubnetId: string;
  /**
   * ARM id of the subnet of internal load balancers and Private Link services. Network policies for Private Link services must
   * be disabled in it.
   * @default - the subnet of the nodes
   */
  readonly serviceSubnetId?: string | undefined;
  /**
   * ARM id of the subnet of machines that build images.
   * @default - none; images must be built elsewhere
   */
  readonly buildSubnetId?: string | undefined;
  /**
   * How traffic from nodes leaves the network.
   * @default OutboundType.USER_DEFINED_ROUTING, so that the network's owner decides
   */
  readonly outboundType?: OutboundType | undefined;
  /**
   * ARM ids of other virtual networks that resolve private names, such as that of the pipeline's agents. Private DNS zones that
   * are created are linked to them, too.
   * @default - none
   */
  readonly peerNetworkIds?: string[] | undefined;
  /** azurerm provider, if the stack has several. @default - the one without an alias */
  readonly provider?: TerraformProvider | undefined;
}

const SUBNET_ATTRIBUTES: KnownKeys<SubnetAttributes> = {
  nodeSubnetId: true,
  endpointSubnetId: true,
  serviceSubnetId: true,
  buildSubnetId: true,
  outboundType: true,
  peerNetworkIds: true,
  provider: true,
};

/** Which part of the address space a subnet gets: `cidrsubnet(addressSpace, newBits, index)`. */
const SUBNETS = {
  Nodes: { name: 'nodes', newBits: 2, index: 0 },
  Endpoints: { name: 'endpoints', newBits: 4, index: 4 },
  Services: { name: 'services', newBits: 4, index: 5 },
  Builds: { name: 'builds', newBits: 4, index: 6 },
} as const;

const ADDRESS_SPACE = /^\d{1,3}(\.\d{1,3}){3}\/(1[6-9]|2[0-2])$/;
/** What AKS uses inside a cluster unless set otherwise. */
const CLUSTER_RANGES = /^10\.(0|244)\./;

const VIRTUAL_NETWORK_ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+$/;
const SUBNET_ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/;

/**
 * A virtual network with subnets for nodes, private endpoints, internal load balancers and image builds. Nobody outside of it
 * and its peers can open a connection to a machine in it.
 *
 * Pass it to `NetworkIsolation.privateEndpoints()`.
 */
export class PrivateNetwork extends Construct implements IPrivateNetwork {
  /**
   * Uses existing subnets. The virtual network must resolve the private names: with `PrivateDnsZones.inResourceGroup()` or
   * `managedByPolicy()`, the zones are linked to it or to its DNS servers already.
   */
  static fromSubnetIds(scope: Construct, id: string, attributes: SubnetAttributes): IPrivateNetwork {
    return new ImportedPrivateNetwork(scope, id, attributes);
  }

  readonly virtualNetworkId: string;
  readonly resourceGroupName: string;
  readonly nodeSubnetId: string;
  readonly endpointSubnetId: string;
  readonly serviceSubnetId: string;
  readonly buildSubnetId?: string | undefined;
  readonly outboundType: OutboundType;
  readonly peerNetworkIds: string[];
  readonly dependables: ITerraformDependable[];
  readonly provider?: TerraformProvider | undefined;
  readonly virtualNetwork: VirtualNetwork;
  /** @default - an existing resource group is used */
  readonly resourceGroup?: ResourceGroup | undefined;
  readonly subnets: Subnet[];
  /** Group of all subnets, to add rules to. Azure's default rules deny connections from outside of the network and its peers. */
  readonly securityGroup: NetworkSecurityGroup;
  readonly peerings: VirtualNetworkPeering[];

  constructor(scope: Construct, id: string, props: PrivateNetworkProps) {
    super(scope, id);
    requireKnownProps(this, props, PRIVATE_NETWORK_PROPS);
    requireProvidersInStack(this);
    const { location, tags, provider, addressSpace = '10.60.0.0/20', peerNetworkIds = [] } = props;
    this.requireAddressSpace(addressSpace);
    requirePeers(this, peerNetworkIds);
    if (props.resourceGroupName === undefined) {
      this.resourceGroup = new ResourceGroup(this, 'ResourceGroup', {
        // A workspace in the same scope has a resource group, too.
        name: azureName(this, { ...AZURE_NAMES.resourceGroup, perWorkload: false }),
        location,
        tags,
        provider,
      });
    }
    const resourceGroupName =
      this.resourceGroup?.name ??
      azureName(this, AZURE_NAMES.resourceGroup, props.resourceGroupName, 'resourceGroupName');
    const common = { location, resourceGroupName, tags, provider };
    this.provider = provider;
    this.resourceGroupName = resourceGroupName;
    this.peerNetworkIds = peerNetworkIds;
    this.virtualNetwork = new VirtualNetwork(this, 'VirtualNetwork', {
      ...common,
      name: azureName(this, AZURE_NAMES.virtualNetwork),
      addressSpace: [addressSpace],
      dnsServers: props.dnsServers,
    });
    this.node.defaultChild = this.virtualNetwork;
    this.virtualNetworkId = this.virtualNetwork.id;
    this.securityGroup = new NetworkSecurityGroup(this, 'SecurityGroup', {
      ...common,
      name: azureName(this, AZURE_NAMES.networkSecurityGroup),
    });

    const subnet = (key: keyof typeof SUBNETS) => {
      const { newBits, index } = SUBNETS[key];
      return new Subnet(this, `${key}Subnet`, {
        name: SUBNETS[key].name,
        resourceGroupName,
        virtualNetworkName: this.virtualNetwork.name,
        addressPrefixes: [Token.asString(Fn.cidrsubnet(addressSpace, newBits, index))],
        defaultOutboundAccessEnabled: false,
        // Rules of the security group apply to private endpoints, too.
        privateEndpointNetworkPolicies: key === 'Endpoints' ? 'Enabled' : undefined,
        // Azure refuses a Private Link service in a subnet where they are enabled.
        privateLinkServiceNetworkPoliciesEnabled: key === 'Services' ? false : undefined,
        provider,
      });
    };
    const [nodes, endpoints, services, builds] = [
      subnet('Nodes'),
      subnet('Endpoints'),
      subnet('Services'),
      subnet('Builds'),
    ];
    this.subnets = [nodes, endpoints, services, builds];
    const secured = this.subnets.map(
      (each) =>
        new SubnetNetworkSecurityGroupAssociation(this, `${each.node.id}Security`, {
          subnetId: each.id,
          networkSecurityGroupId: this.securityGroup.id,
          provider,
        }),
    );
    this.nodeSubnetId = nodes.id;
    this.endpointSubnetId = endpoints.id;
    this.serviceSubnetId = services.id;
    this.buildSubnetId = builds.id;
    const { egress = Egress.natGateway() } = props;
    const route = egress.bind(this, { ...common, subnetIds: { Nodes: nodes.id, Builds: builds.id } });
    this.outboundType = route.outboundType;
    this.peerings = peerNetworkIds.flatMap((peerId) => this.peer(peerId));
    this.dependables = [...secured, ...route.dependables, ...this.peerings];
  }

  private requireAddressSpace(addressSpace: string): void {
    requirePattern(
      this,
      'addressSpace',
      addressSpace,
      ADDRESS_SPACE,
      'an IPv4 CIDR from /16 to /22, such as 10.60.0.0/20',
    );
    if (!Token.isUnresolved(addressSpace) && CLUSTER_RANGES.test(addressSpace)) {
      throw new ConstructError(
        this,
        `addressSpace is "${addressSpace}", which overlaps with the addresses of AKS' services (10.0.0.0/16) or pods ` +
          '(10.244.0.0/16); choose another one, such as 10.60.0.0/20',
      );
    }
  }

  /** Azure connects networks once both have a peering. */
  private peer(peerId: string): VirtualNetworkPeering[] {
    const { provider } = this;
    // A list that loses its first entry must not replace the peerings of the others.
    const digest = digestOf(resolved(this, peerId));
    return [
      new VirtualNetworkPeering(this, `PeeringTo-${digest}`, {
        name: `to-${digest}`,
        resourceGroupName: this.resourceGroupName,
        virtualNetworkName: this.virtualNetwork.name,
        remoteVirtualNetworkId: peerId,
        // From a firewall or a VPN gateway of the peer.
        allowForwardedTraffic: true,
        provider,
      }),
      new VirtualNetworkPeering(this, `PeeringFrom-${digest}`, {
        name: `${azureName(this, { ...AZURE_NAMES.network, maxLength: 60 })}-${digest}`,
        resourceGroupName: armIdPart(peerId, 'resourceGroup'),
        virtualNetworkName: armIdPart(peerId, 'name'),
        remoteVirtualNetworkId: this.virtualNetworkId,
        provider,
      }),
    ];
  }
}

class ImportedPrivateNetwork extends Construct implements IPrivateNetwork {
  readonly virtualNetworkId: string;
  readonly resourceGroupName: string;
  readonly nodeSubnetId: string;
  readonly endpointSubnetId: string;
  readonly serviceSubnetId: string;
  readonly buildSubnetId?: string | undefined;
  readonly outboundType: OutboundType;
  readonly peerNetworkIds: string[];
  readonly dependables: ITerraformDependable[] = [];
  readonly provider?: TerraformProvider | undefined;

  constructor(scope: Construct, id: string, attributes: SubnetAttributes) {
    super(scope, id);
    requireKnownProps(this, attributes, SUBNET_ATTRIBUTES);
    const {
      nodeSubnetId,
      endpointSubnetId,
      serviceSubnetId,
      buildSubnetId,
      peerNetworkIds = [],
    } = attributes;
    requirePeers(this, peerNetworkIds);
    const network = virtualNetworkOf(nodeSubnetId);
    for (const [option, value] of Object.entries({
      nodeSubnetId,
      endpointSubnetId,
      serviceSubnetId,
      buildSubnetId,
    })) {
      requirePattern(
        this,
        option,
        value,
        SUBNET_ID,
        "a subnet's ARM id, such as /subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/spoke/subnets/nodes",
      );
      if (
        value !== undefined &&
        ![value, nodeSubnetId].some((each) => Token.isUnresolved(each)) &&
        virtualNetworkOf(value) !== network
      ) {
        throw new ConstructError(
          this,
          `${option} is in the virtual network ${armIdPart(value, 'name')}, but nodeSubnetId is in ` +
            `${armIdPart(nodeSubnetId, 'name')}; use subnets of one virtual network`,
        );
      }
    }
    this.nodeSubnetId = nodeSubnetId;
    this.endpointSubnetId = endpointSubnetId;
    this.serviceSubnetId = serviceSubnetId ?? nodeSubnetId;
    this.buildSubnetId = buildSubnetId;
    this.virtualNetworkId = network;
    this.resourceGroupName = armIdPart(nodeSubnetId, 'resourceGroup');
    this.outboundType = attributes.outboundType ?? OutboundType.USER_DEFINED_ROUTING;
    this.peerNetworkIds = peerNetworkIds;
    this.provider = attributes.provider;
  }
}

/** Number of parts of a virtual network's ARM id. */
const NETWORK_ID_PARTS = 9;

function virtualNetworkOf(subnetId: string): string {
  return Token.isUnresolved(subnetId)
    ? Token.asString(Fn.join('/', Token.asList(Fn.slice(Fn.split('/', subnetId), 0, NETWORK_ID_PARTS))))
    : subnetId.split('/').slice(0, NETWORK_ID_PARTS).join('/');
}

function requirePeers(scope: Construct, ids: readonly string[]): void {
  ids.forEach((id, index) => {
    requirePattern(
      scope,
      `peerNetworkIds[${index}]`,
      id,
      VIRTUAL_NETWORK_ID,
      "a virtual network's ARM id, such as /subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/hub",
    );
  });
}
