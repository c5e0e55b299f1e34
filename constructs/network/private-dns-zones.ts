import type { ITerraformDependable } from 'cdktf';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { DnsZone } from '../dns/dns-zone';
import { ZoneVisibility } from '../dns/dns-zone-reference';
import { requireKnownProps } from '../validation/construct-error';
import { requirePattern } from '../validation/synth-value';
import type { IPrivateNetwork } from './private-network-reference';

/** A private DNS zone. */
export interface PrivateZone {
  /** ARM id. */
  readonly id: string;
  /** Resources that must exist before machines resolve names in the zone. */
  readonly dependables: ITerraformDependable[];
}

/** Options of created private DNS zones. */
export interface CreatedZonesProps {
  /** Name of an existing resource group. @default - that of the virtual network */
  readonly resourceGroupName?: string | undefined;
  /** @default - none, except those of Aspects */
  readonly tags?: Record<string, string> | undefined;
}

const CREATED_ZONES_PROPS: KnownKeys<CreatedZonesProps> = { resourceGroupName: true, tags: true };

const RESOURCE_GROUP_ID = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+$/;

/**
 * Private DNS zones that resolve the names of resources to the addresses of their private endpoints, such as
 * `privatelink.blob.core.windows.net`.
 * @see https://learn.microsoft.com/azure/private-link/private-endpoint-dns
 */
export abstract class PrivateDnsZones {
  /**
   * Creates each zone when the first resource needs it, and links it to the network and its peers. A network can be linked to
   * one zone of a name only, so use it if no other team has linked such zones to these networks.
   */
  static created(props: CreatedZonesProps = {}): PrivateDnsZones {
    return new CreatedZones(props);
  }

  /**
   * Uses existing zones, all in one resource group, such as that of a hub. Machines in the network and those that run Terraform
   * must resolve their names already. The deploying identity needs the role `Private DNS Zone Contributor` on the group.
   * @param resourceGroupId ARM id of the resource group: `/subscriptions/…/resourceGroups/dns`
   */
  static inResourceGroup(resourceGroupId: string): PrivateDnsZones {
    return new ExistingZones(resourceGroupId);
  }

  /**
   * Leaves the records to Azure Policy, which adds them to central zones some minutes after an endpoint is created.
   * @see https://learn.microsoft.com/azure/cloud-adoption-framework/ready/azure-best-practices/private-link-and-dns-integration-at-scale
   */
  static managedByPolicy(): PrivateDnsZones {
    return new PolicyZones();
  }

  /**
   * Returns a zone, which is created if it has to be.
   * @returns `undefined` if the stack does not manage records
   */
  abstract bind(network: IPrivateNetwork, zoneName: string): PrivateZone | undefined;
}

class CreatedZones extends PrivateDnsZones {
  constructor(private readonly props: CreatedZonesProps) {
    super();
  }

  bind(network: IPrivateNetwork, zoneName: string): PrivateZone {
    requireKnownProps(network, this.props, CREATED_ZONES_PROPS);
    const { resourceGroupName = network.resourceGroupName, tags } = this.props;
    const existing = network.node.tryFindChild(zoneName) as DnsZone | undefined;
    const zone =
      existing ??
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- every IConstruct is a Construct
      new DnsZone(network, zoneName, {
        zoneName,
        resourceGroupName,
        visibility: ZoneVisibility.PRIVATE,
        virtualNetworkIds: [network.virtualNetworkId, ...network.peerNetworkIds],
        tags,
        provider: network.provider,
      });
    return { id: zone.privateZone?.id ?? '', dependables: [...zone.links] };
  }
}

class ExistingZones extends PrivateDnsZones {
  constructor(private readonly resourceGroupId: string) {
    super();
  }

  bind(network: IPrivateNetwork, zoneName: string): PrivateZone {
    requirePattern(
      network,
      'resourceGroupId',
      this.resourceGroupId,
      RESOURCE_GROUP_ID,
      "a resource group's ARM id, such as /subscriptions/…/resourceGroups/dns",
    );
    return {
      id: `${this.resourceGroupId}/providers/Microsoft.Network/privateDnsZones/${zoneName}`,
      dependables: [],
    };
  }
}

class PolicyZones extends PrivateDnsZones {
  bind(): undefined {
    return undefined;
  }
}
