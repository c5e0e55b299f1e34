import type { NetworkSecurityRuleConfig } from '@cdktf/provider-azurerm/lib/network-security-rule';
import type { ITerraformDependable, TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';

import { PROBE_PORT } from '../../lib/contract/fpga-machine-layout';
import { HEALTH_PORT } from '../../lib/contract/image-layout';
import {
  Lb,
  LbBackendAddressPool,
  LbOutboundRule,
  LbProbe,
  LbRule,
  NetworkSecurityGroup,
  NetworkSecurityRule,
  PublicIp,
  Subnet,
  VirtualNetwork,
} from '../bindings/azurerm';
import { AZURE_NAMES, azureName } from '../azure/azure-name';

/** Settings shared by all resources of a service. @internal */
export interface FpgaCommon {
  readonly resourceGroupName: string;
  readonly location: string;
  readonly tags?: Record<string, string> | undefined;
  readonly provider?: TerraformProvider | undefined;
}

/** @internal */
export interface FpgaNetworkProps {
  readonly common: FpgaCommon;
  readonly port: number;
  readonly zones: string[];
  /** @default - any address */
  readonly allowedSourceRanges?: string[] | undefined;
  /** @default - none */
  readonly metricsSourceRanges?: string[] | undefined;
  /** @default - a new subnet */
  readonly subnetId?: string | undefined;
  /** Subnet of a private address. @default - a public address */
  readonly frontendSubnetId?: string | undefined;
  readonly addressSpace: string;
}

const FRONTEND = 'service';

/**
 * Network of the machines: a load balancer with a static IP address that forwards only the service's port. It does not depend
 * on what the machines run, so no such change affects the address.
 */
export class FpgaNetwork extends Construct {
  /** @default - the address is private */
  readonly publicIp?: PublicIp | undefined;
  /** IP address of the load balancer. */
  readonly address: string;
  readonly loadBalancer: Lb;
  readonly backendPool: LbBackendAddressPool;
  readonly probe: LbProbe;
  readonly rule: LbRule;
  /** @default - the address is private, and machines use the way out of their subnet */
  readonly outboundRule?: LbOutboundRule | undefined;
  /** @default - an existing subnet is used */
  readonly virtualNetwork?: VirtualNetwork | undefined;
  /** @default - an existing subnet is used */
  readonly subnet?: Subnet | undefined;
  readonly subnetId: string;
  readonly securityGroup: NetworkSecurityGroup;
  /** Rules that allow the ports of the service, the probe and, if they are opened, the metrics, and deny everything else. */
  readonly securityRules: NetworkSecurityRule[];

  /** @internal Called only by a compute. */
  static _declare(scope: Construct, id: string, props: FpgaNetworkProps): FpgaNetwork {
    return new FpgaNetwork(scope, id, props);
  }

  private constructor(scope: Construct, id: string, props: FpgaNetworkProps) {
    super(scope, id);
    const { common, port, subnetId, frontendSubnetId } = props;
    const zones = props.zones.length > 0 ? props.zones : undefined;
    const { provider } = common;
    const meta = { provider };
    const name = azureName(this, AZURE_NAMES.network);

    this.publicIp =
      frontendSubnetId === undefined
        ? new PublicIp(this, 'PublicIp', {
            ...common,
            name: azureName(this, AZURE_NAMES.publicIpAddress),
            allocationMethod: 'Static',
            sku: 'Standard',
            zones,
          })
        : undefined;
    this.loadBalancer = new Lb(this, 'LoadBalancer', {
      ...common,
      name: azureName(
        this,
        this.publicIp ? AZURE_NAMES.externalLoadBalancer : AZURE_NAMES.internalLoadBalancer,
      ),
      sku: 'Standard',
      frontendIpConfiguration: [
        this.publicIp
          ? { name: FRONTEND, publicIpAddressId: this.publicIp.id }
          : {
              name: FRONTEND,
              subnetId: frontendSubnetId,
              privateIpAddressAllocation: 'Dynamic',
              zones,
            },
      ],
    });
    this.address = this.publicIp?.ipAddress ?? this.loadBalancer.privateIpAddress;
    const loadbalancerId = this.loadBalancer.id;
    this.backendPool = new LbBackendAddressPool(this, 'BackendPool', { ...meta, name, loadbalancerId });
    this.probe = new LbProbe(this, 'Probe', {
      ...meta,
      name,
      loadbalancerId,
      protocol: 'Http',
      port: PROBE_PORT,
      requestPath: '/',
      intervalInSeconds: 10,
      numberOfProbes: 2,
    });
    this.rule = new LbRule(this, 'Rule', {
      ...meta,
      name: FRONTEND,
      loadbalancerId,
      frontendIpConfigurationName: FRONTEND,
      protocol: 'Tcp',
      frontendPort: port,
      backendPort: port,
      backendAddressPoolIds: [this.backendPool.id],
      probeId: this.probe.id,
      // The outbound rule below covers outbound connections.
      disableOutboundSnat: true,
      // Clients are notified when an idle connection is dropped, instead of waiting for a response on it.
      tcpResetEnabled: true,
    });
    // A Standard load balancer provides no outbound access by default, and machines fetch images and secrets.
    this.outboundRule =
      this.publicIp &&
      new LbOutboundRule(this, 'OutboundRule', {
        ...meta,
        name: 'outbound',
        loadbalancerId,
        protocol: 'All',
        backendAddressPoolId: this.backendPool.id,
        frontendIpConfiguration: [{ name: FRONTEND }],
        tcpResetEnabled: true,
      });

    if (subnetId === undefined) {
      this.virtualNetwork = new VirtualNetwork(this, 'VirtualNetwork', {
        ...common,
        name: azureName(this, AZURE_NAMES.virtualNetwork),
        addressSpace: [props.addressSpace],
      });
      this.subnet = new Subnet(this, 'Subnet', {
        ...meta,
        name: azureName(this, AZURE_NAMES.subnet),
        resourceGroupName: common.resourceGroupName,
        virtualNetworkName: this.virtualNetwork.name,
        addressPrefixes: [props.addressSpace],
        defaultOutboundAccessEnabled: false,
      });
    }
    this.subnetId = subnetId ?? this.subnet?.id ?? '';
    this.securityGroup = new NetworkSecurityGroup(this, 'SecurityGroup', {
      ...common,
      name: azureName(this, AZURE_NAMES.networkSecurityGroup),
    });
    this.securityRules = this.openOnly(props);
  }

  /** Resources that must exist before the machines start. */
  get dependables(): ITerraformDependable[] {
    // A scale set cannot use a probe that no rule uses, and cannot fetch anything without outbound access.
    return [this.rule, ...(this.outboundRule ? [this.outboundRule] : []), ...this.securityRules];
  }

  private openOnly({
    common,
    port,
    allowedSourceRanges,
    metricsSourceRanges,
  }: FpgaNetworkProps): NetworkSecurityRule[] {
    const { resourceGroupName, provider } = common;
    const shared = {
      resourceGroupName,
      networkSecurityGroupName: this.securityGroup.name,
      direction: 'Inbound',
      sourcePortRange: '*',
      destinationAddressPrefix: '*',
      provider,
    };
    return [
      new NetworkSecurityRule(this, 'AllowService', {
        ...shared,
        name: 'allow-service',
        priority: 100,
        access: 'Allow',
        protocol: 'Tcp',
        destinationPortRange: String(port),
        ...sourceOf(allowedSourceRanges),
      }),
      new NetworkSecurityRule(this, 'AllowProbe', {
        ...shared,
        name: 'allow-probe',
        priority: 110,
        access: 'Allow',
        protocol: 'Tcp',
        destinationPortRange: String(PROBE_PORT),
        sourceAddressPrefix: 'AzureLoadBalancer',
      }),
      ...(metricsSourceRanges
        ? [
            new NetworkSecurityRule(this, 'AllowMetrics', {
              ...shared,
              name: 'allow-metrics',
              priority: 120,
              access: 'Allow',
              protocol: 'Tcp',
              destinationPortRange: String(HEALTH_PORT),
              ...sourceOf(metricsSourceRanges),
            }),
          ]
        : []),
      // The default rules of a security group allow the entire virtual network. Custom rules need a lower priority number.
      new NetworkSecurityRule(this, 'DenyOthers', {
        ...shared,
        name: 'deny-others',
        priority: 4096,
        access: 'Deny',
        protocol: '*',
        destinationPortRange: '*',
        sourceAddressPrefix: '*',
      }),
    ];
  }
}

/** Returns the source of a rule. Azure accepts a service tag only as a single prefix. */
function sourceOf(
  ranges: string[] = ['*'],
): Pick<NetworkSecurityRuleConfig, 'sourceAddressPrefix' | 'sourceAddressPrefixes'> {
  return ranges.length === 1 ? { sourceAddressPrefix: ranges[0] } : { sourceAddressPrefixes: ranges };
}
