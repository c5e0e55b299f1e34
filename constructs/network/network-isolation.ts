import { Fn, Token, type ITerraformDependable, type TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { wholeNumber } from '../../lib/validation/number-range';
import { AZURE_NAMES, azureName, regionName } from '../azure/azure-name';
import { conventionalName } from '../azure/azure-naming';
import { limitedName } from '../azure/derived-name';
import {
  ContainerRegistryAgentPool,
  PrivateEndpoint,
  RoleAssignment,
  UserAssignedIdentity,
} from '../bindings/azurerm';
import { dependablesFor } from '../terraform/dependables';
import { requireKnownProps } from '../validation/construct-error';
import { requireNumber, requirePattern } from '../validation/synth-value';
import { PrivateDnsZones } from './private-dns-zones';
import type { IPrivateNetwork, OutboundType } from './private-network-reference';

/** Where the resources of an isolation are created. */
export interface IsolationPlacement {
  readonly resourceGroupName: string;
  readonly location: string;
  readonly tags?: Record<string, string> | undefined;
  readonly provider?: TerraformProvider | undefined;
}

/** A part of a resource that a private endpoint leads to. */
export interface PrivateLinkTarget {
  /** ARM id of the resource. */
  readonly resourceId: string;
  /** Name of the part, such as `blob`. */
  readonly subresource: string;
  /** Names of its private DNS zones, such as `privatelink.blob.core.windows.net`. */
  readonly zoneNames: string[];
}

/** Network settings of a cluster. */
export interface ClusterNetwork {
  readonly network: IPrivateNetwork;
  /** Identity of the cluster, which is allowed to use the network. */
  readonly identity: UserAssignedIdentity;
  /** ARM id of the private DNS zone of the API server, or `System`. */
  readonly privateDnsZoneId: string;
  readonly outboundType: OutboundType;
  /** Resources that must exist before the cluster. */
  readonly dependables: ITerraformDependable[];
}

/** Network, DNS zones and image builds. */
export interface PrivateEndpointsProps {
  readonly network: IPrivateNetwork;
  /** @default PrivateDnsZones.created() */
  readonly dnsZones?: PrivateDnsZones | undefined;
  /**
   * Private DNS zone of the Kubernetes API server: the ARM id of a zone named `privatelink.<region>.azmk8s.io`, or `System` for
   * one that AKS creates, which only the cluster's network resolves.
   * @default - one of `dnsZones`; `System` with PrivateDnsZones.managedByPolicy()
   */
  readonly apiServerZoneId?: string | undefined;
  /**
   * Size of the machines that build images: `S1` (2 cores, 3 GiB), `S2` (4 cores, 8 GiB), `S3` (8 cores, 16 GiB) or `I6`.
   * @default 'S2'
   */
  readonly buildTier?: string | undefined;
  /**
   * Number of machines that build images. They cost while they exist; an apply that builds an image needs at least one.
   * @default 1
   */
  readonly buildMachines?: number | undefined;
}

const PRIVATE_ENDPOINTS_PROPS: KnownKeys<PrivateEndpointsProps> = {
  network: true,
  dnsZones: true,
  apiServerZoneId: true,
  buildTier: true,
  buildMachines: true,
};

/**
 * Who can reach the resources of a workspace and the API server of a cluster. Pass one object to `Workspace`; a
 * `ScoringCluster` of the workspace follows it. To add a strategy, implement the methods.
 */
export abstract class NetworkIsolation {
  /**
   * Only machines in a virtual network and its peers: a workspace, its storage account, key vault and container registry have
   * private endpoints and no public access. A cluster has a private API server and nodes in the network, and images are built
   * by an agent pool in it. The machine that runs Terraform must reach the network, too.
   *
   * @see https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link
   * @see https://learn.microsoft.com/azure/aks/private-clusters
   */
  static privateEndpoints(props: PrivateEndpointsProps): NetworkIsolation {
    return new PrivateEndpoints(props);
  }

  /** Network of the isolated resources. */
  abstract readonly network: IPrivateNetwork;

  /**
   * Declares how the network reaches a resource.
   * @returns the resources that must exist before it does
   */
  abstract bind(
    scope: Construct,
    id: string,
    target: PrivateLinkTarget,
    placement: IsolationPlacement,
  ): ITerraformDependable[];

  /** Declares what a cluster in the network needs. */
  abstract bindCluster(scope: Construct, placement: IsolationPlacement): ClusterNetwork;

  /**
   * Declares the machines that build images of a container registry.
   * @param registryName name of a registry in the resource group of `placement`
   * @returns the name of the agent pool, or `undefined` if the network has no subnet for it
   */
  abstract bindBuilds(
    scope: Construct,
    registryName: string,
    placement: IsolationPlacement,
  ): string | undefined;
}

class PrivateEndpoints extends NetworkIsolation {
  readonly network: IPrivateNetwork;
  private readonly dnsZones: PrivateDnsZones;

  constructor(private readonly props: PrivateEndpointsProps) {
    super();
    this.network = props.network;
    this.dnsZones = props.dnsZones ?? PrivateDnsZones.created();
  }

  bind(
    scope: Construct,
    id: string,
    target: PrivateLinkTarget,
    placement: IsolationPlacement,
  ): ITerraformDependable[] {
    this.check(scope);
    const { resourceId, subresource, zoneNames } = target;
    const { network } = this;
    const name =
      conventionalName(scope, AZURE_NAMES.privateEndpoint, id) ??
      limitedName(`${scope.node.path}/${id}`, AZURE_NAMES.privateEndpoint.maxLength);
    const zones = zoneNames.flatMap((zoneName) => this.dnsZones.bind(network, zoneName) ?? []);
    const endpoint = new PrivateEndpoint(scope, id, {
      ...placement,
      name,
      subnetId: network.endpointSubnetId,
      privateServiceConnection: {
        name,
        privateConnectionResourceId: resourceId,
        subresourceNames: [subresource],
        isManualConnection: false,
      },
      ...(zones.length > 0
        ? {
            privateDnsZoneGroup: {
              name: 'default',
              privateDnsZoneIds: zones.map((zone) => zone.id),
            },
          }
        : // Azure Policy adds it.
          { lifecycle: { ignoreChanges: ['private_dns_zone_group'] } }),
    });
    return [endpoint, ...zones.flatMap((zone) => zone.dependables), ...network.dependables];
  }

  bindCluster(scope: Construct, placement: IsolationPlacement): ClusterNetwork {
    this.check(scope);
    const { network } = this;
    const { provider } = placement;
    const zone = this.apiServerZone(placement.location);
    // A system-assigned identity would get its roles only after the cluster needs them.
    const identity = new UserAssignedIdentity(scope, 'Identity', {
      ...placement,
      name: azureName(scope, AZURE_NAMES.managedIdentity),
    });
    const assign = (id: string, target: string, roleDefinitionName: string) =>
      new RoleAssignment(scope, id, {
        scope: target,
        roleDefinitionName,
        principalId: identity.principalId,
        principalType: 'ServicePrincipal',
        // A new identity may not have replicated in Entra yet.
        skipServicePrincipalAadCheck: true,
        provider,
      });
    const roles = [
      // To put nodes, internal load balancers and Private Link services into the subnets, and to link the zone.
      assign('NetworkRole', network.virtualNetworkId, 'Network Contributor'),
      // To write the record of the API server.
      ...(zone === undefined ? [] : [assign('ApiServerZoneRole', zone.id, 'Private DNS Zone Contributor')]),
    ];
    return {
      network,
      identity,
      privateDnsZoneId: zone?.id ?? 'System',
      outboundType: network.outboundType,
      dependables: dependablesFor(scope, [...roles, ...(zone?.dependables ?? []), ...network.dependables]),
    };
  }

  bindBuilds(scope: Construct, registryName: string, placement: IsolationPlacement): string | undefined {
    this.check(scope);
    const { buildSubnetId, dependables } = this.network;
    if (buildSubnetId === undefined) {
      return undefined;
    }
    const { buildTier = 'S2', buildMachines = 1 } = this.props;
    return new ContainerRegistryAgentPool(scope, 'AgentPool', {
      ...placement,
      name: 'builds',
      containerRegistryName: registryName,
      tier: buildTier,
      instanceCount: buildMachines,
      virtualNetworkSubnetId: buildSubnetId,
      dependsOn: dependablesFor(scope, dependables),
    }).name;
  }

  private apiServerZone(location: string): { id: string; dependables: ITerraformDependable[] } | undefined {
    const { apiServerZoneId } = this.props;
    if (apiServerZoneId === 'System') {
      return undefined;
    }
    // AKS expects the region as in names of hosts: westeurope.
    const region = Token.isUnresolved(location)
      ? Token.asString(Fn.lower(Fn.replace(location, ' ', '')))
      : regionName(location);
    return apiServerZoneId === undefined
      ? this.dnsZones.bind(this.network, `privatelink.${region}.azmk8s.io`)
      : { id: apiServerZoneId, dependables: [] };
  }

  private check(scope: Construct): void {
    const { props } = this;
    requireKnownProps(scope, props, PRIVATE_ENDPOINTS_PROPS);
    requireNumber(scope, 'buildMachines', props.buildMachines, wholeNumber(0, 16));
    requirePattern(scope, 'buildTier', props.buildTier, /^(S1|S2|S3|I6)$/, 'S1, S2, S3 or I6');
    requirePattern(
      scope,
      'apiServerZoneId',
      props.apiServerZoneId,
      /^(System|\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/privateDnsZones\/([a-zA-Z0-9-]+\.)?privatelink\.[a-z0-9]+\.azmk8s\.io)$/,
      'System, or the ARM id of a private DNS zone named privatelink.<region>.azmk8s.io',
    );
  }
}

/** Name of the subnet, for annotations of Kubernetes. @internal */
export function subnetName(subnetId: string): string {
  return Token.isUnresolved(subnetId)
    ? Token.asString(Fn.element(Fn.split('/', subnetId), 10))
    : (subnetId.split('/')[10] ?? '');
}
