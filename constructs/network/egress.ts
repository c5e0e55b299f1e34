import type { ITerraformDependable, TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { AZURE_NAMES, azureName } from '../azure/azure-name';
import {
  NatGateway,
  NatGatewayPublicIpAssociation,
  PublicIp,
  RouteTable,
  SubnetNatGatewayAssociation,
  SubnetRouteTableAssociation,
} from '../bindings/azurerm';
import { requireKnownProps } from '../validation/construct-error';
import { requirePattern } from '../validation/synth-value';
import { OutboundType } from './private-network-reference';

/** Subnets whose machines need a way out. */
export interface EgressSubnets {
  readonly resourceGroupName: string;
  readonly location: string;
  /** ARM ids, by a name that never changes. */
  readonly subnetIds: Record<string, string>;
  readonly tags?: Record<string, string> | undefined;
  readonly provider?: TerraformProvider | undefined;
}

/** The way out of a network. */
export interface EgressRoute {
  readonly outboundType: OutboundType;
  /** Resources that must exist before machines in the subnets start. */
  readonly dependables: ITerraformDependable[];
}

/** Options of a NAT gateway. */
export interface NatGatewayEgressProps {
  /**
   * Availability zone of the gateway and its address. Changing it replaces both.
   * @default - chosen by Azure
   */
  readonly zone?: string | undefined;
  /** Minutes after which an idle connection is dropped, 4 to 120. @default 4 */
  readonly idleTimeoutMinutes?: number | undefined;
}

/** A firewall, in this network or in one that is peered with it. */
export interface FirewallEgressProps {
  /** Private IPv4 address of the firewall. */
  readonly privateIpAddress: string;
}

const NAT_GATEWAY_PROPS: KnownKeys<NatGatewayEgressProps> = { zone: true, idleTimeoutMinutes: true };
const FIREWALL_PROPS: KnownKeys<FirewallEgressProps> = { privateIpAddress: true };

/** How machines in a private network reach other networks. To add one, implement `bind`. */
export abstract class Egress {
  /**
   * A NAT gateway with a static public IP address. Every destination is allowed, and none can open a connection.
   * @see https://learn.microsoft.com/azure/nat-gateway/nat-overview
   */
  static natGateway(props: NatGatewayEgressProps = {}): Egress {
    return new NatGatewayEgress(props);
  }

  /**
   * A firewall, such as Azure Firewall, which all traffic to other networks is routed to. It must allow the destinations in
   * the documentation of private networks.
   * @see https://learn.microsoft.com/azure/aks/limit-egress-traffic
   */
  static firewall(props: FirewallEgressProps): Egress {
    return new FirewallEgress(props);
  }

  /** Declares what connects the subnets with other networks. */
  abstract bind(scope: Construct, subnets: EgressSubnets): EgressRoute;
}

class NatGatewayEgress extends Egress {
  constructor(private readonly props: NatGatewayEgressProps) {
    super();
  }

  bind(scope: Construct, { subnetIds, ...common }: EgressSubnets): EgressRoute {
    requireKnownProps(scope, this.props, NAT_GATEWAY_PROPS);
    const { zone, idleTimeoutMinutes } = this.props;
    const { provider } = common;
    const zones = zone === undefined ? undefined : [zone];
    const address = new PublicIp(scope, 'OutboundIp', {
      ...common,
      name: `${azureName(scope, AZURE_NAMES.publicIpAddress)}-outbound`,
      allocationMethod: 'Static',
      sku: 'Standard',
      zones,
    });
    const gateway = new NatGateway(scope, 'NatGateway', {
      ...common,
      name: azureName(scope, AZURE_NAMES.natGateway),
      skuName: 'Standard',
      idleTimeoutInMinutes: idleTimeoutMinutes,
      zones,
    });
    const natGatewayId = gateway.id;
    const associations = Object.entries(subnetIds).map(
      ([id, subnetId]) =>
        new SubnetNatGatewayAssociation(scope, `${id}NatGateway`, { subnetId, natGatewayId, provider }),
    );
    const addressAssociation = new NatGatewayPublicIpAssociation(scope, 'OutboundIpOfGateway', {
      natGatewayId,
      publicIpAddressId: address.id,
      provider,
    });
    return {
      outboundType: OutboundType.NAT_GATEWAY,
      dependables: [addressAssociation, ...associations],
    };
  }
}

class FirewallEgress extends Egress {
  constructor(private readonly props: FirewallEgressProps) {
    super();
  }

  bind(scope: Construct, { subnetIds, ...common }: EgressSubnets): EgressRoute {
    requireKnownProps(scope, this.props, FIREWALL_PROPS);
    const { privateIpAddress } = this.props;
    requirePattern(
      scope,
      'privateIpAddress',
      privateIpAddress,
      /^\d{1,3}(\.\d{1,3}){3}$/,
      'the private IPv4 address of the firewall, such as 10.0.1.4',
    );
    const { provider } = common;
    const table = new RouteTable(scope, 'RouteTable', {
      ...common,
      name: azureName(scope, AZURE_NAMES.routeTable),
      // Routes from a gateway would lead around the firewall.
      bgpRoutePropagationEnabled: false,
      route: [
        {
          name: 'firewall',
          addressPrefix: '0.0.0.0/0',
          nextHopType: 'VirtualAppliance',
          nextHopInIpAddress: privateIpAddress,
        },
      ],
    });
    const associations = Object.entries(subnetIds).map(
      ([id, subnetId]) =>
        new SubnetRouteTableAssociation(scope, `${id}RouteTable`, {
          subnetId,
          routeTableId: table.id,
          provider,
        }),
    );
    return { outboundType: OutboundType.USER_DEFINED_ROUTING, dependables: associations };
  }
}
