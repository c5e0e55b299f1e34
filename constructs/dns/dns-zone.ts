import { Token, type ITerraformDependable, type TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import {
  DnsZone as AzureDnsZone,
  PrivateDnsZone,
  PrivateDnsZoneVirtualNetworkLink,
} from '../bindings/azurerm';
import { AZURE_NAMES, requireAzureName } from '../azure/azure-name';
import { digestOf, withSuffix, type DerivedNameRule } from '../azure/derived-name';
import { requireProvidersInStack } from '../terraform/stack-providers';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { isSameValue, requirePattern, resolved } from '../validation/synth-value';
import { ZoneVisibility, type IDnsZone } from './dns-zone-reference';

/** Attributes of an existing DNS zone. */
export interface DnsZoneAttributes {
  /** `example.com`. */
  readonly zoneName: string;
  readonly resourceGroupName: string;
  /** @default ZoneVisibility.PUBLIC */
  readonly visibility?: ZoneVisibility | undefined;
  /**
   * azurerm provider for the zone's subscription, if it differs from that of the stack.
   * @default - the provider without an alias
   */
  readonly provider?: TerraformProvider | undefined;
}

const DNS_ZONE_ATTRIBUTES: KnownKeys<DnsZoneAttributes> = {
  zoneName: true,
  resourceGroupName: true,
  visibility: true,
  provider: true,
};

export interface DnsZoneProps extends DnsZoneAttributes {
  /**
   * ARM ids of the virtual networks that resolve the names of a private zone. Each can be linked once.
   * @default - none
   */
  readonly virtualNetworkIds?: string[] | undefined;
  /** @default - none, except those of Aspects */
  readonly tags?: Record<string, string> | undefined;
}

const DNS_ZONE_PROPS: KnownKeys<DnsZoneProps> = {
  zoneName: true,
  resourceGroupName: true,
  visibility: true,
  provider: true,
  virtualNetworkIds: true,
  tags: true,
};

/** A public DNS zone, or a private DNS zone with its virtual network links. */
export class DnsZone extends Construct implements IDnsZone {
  /** Refers to an existing zone, in any resource group. */
  static fromDnsZoneAttributes(scope: Construct, id: string, attributes: DnsZoneAttributes): IDnsZone {
    return new ImportedDnsZone(scope, id, attributes);
  }

  readonly zoneName: string;
  readonly resourceGroupName: string;
  readonly visibility: ZoneVisibility;
  readonly provider?: TerraformProvider | undefined;
  readonly dependable?: ITerraformDependable | undefined;
  /** Set if the zone is public. */
  readonly publicZone?: AzureDnsZone | undefined;
  /** Set if the zone is private. */
  readonly privateZone?: PrivateDnsZone | undefined;
  /** Virtual network links, one for each of `virtualNetworkIds`. */
  readonly links: PrivateDnsZoneVirtualNetworkLink[] = [];

  constructor(scope: Construct, id: string, props: DnsZoneProps) {
    super(scope, id);
    requireKnownProps(this, props, DNS_ZONE_PROPS);
    requireProvidersInStack(this);
    const { zoneName, resourceGroupName, visibility = ZoneVisibility.PUBLIC, provider, tags } = props;
    const { virtualNetworkIds = [] } = props;
    requireZone(this, zoneName, resourceGroupName);
    if (virtualNetworkIds.length > 0 && visibility === ZoneVisibility.PUBLIC) {
      throw new ConstructError(
        this,
        'virtualNetworkIds is set, but applies only to private zones and this zone is public; ' +
          'remove it, or set visibility: ZoneVisibility.PRIVATE',
      );
    }
    this.zoneName = zoneName;
    this.resourceGroupName = resourceGroupName;
    this.visibility = visibility;
    this.provider = provider;
    const config = {
      name: zoneName,
      resourceGroupName,
      tags,
      provider,
    };
    if (visibility === ZoneVisibility.PUBLIC) {
      this.publicZone = new AzureDnsZone(this, 'Zone', config);
      this.dependable = this.publicZone;
      this.node.defaultChild = this.publicZone;
      return;
    }
    const zone = new PrivateDnsZone(this, 'Zone', config);
    this.privateZone = zone;
    this.dependable = zone;
    this.node.defaultChild = zone;
    requireVirtualNetworks(this, virtualNetworkIds);
    this.links = virtualNetworkIds.map((virtualNetworkId) => {
      // Links are identified by network, not by position: Azure refuses a second link to a network, so a list that loses its
      // first entry must not replace the links of the others.
      const digest = digestOf(resolved(this, virtualNetworkId));
      return new PrivateDnsZoneVirtualNetworkLink(this, `Link-${digest}`, {
        name: withSuffix(this.node.path, LINK_NAME, digest),
        resourceGroupName,
        privateDnsZoneName: zone.name,
        virtualNetworkId,
        tags,
        provider,
      });
    });
  }

  /**
   * Name servers to which the parent zone must delegate.
   * @throws ConstructError if the zone is private
   */
  get nameServers(): string[] {
    if (!this.publicZone) {
      throw new ConstructError(
        this,
        'a private zone has no name servers; link the virtual networks that resolve it with virtualNetworkIds',
      );
    }
    return this.publicZone.nameServers;
  }
}

const LINK_NAME: DerivedNameRule = { maxLength: 80, separator: '-', letterFirst: true };

class ImportedDnsZone extends Construct implements IDnsZone {
  readonly zoneName: string;
  readonly resourceGroupName: string;
  readonly visibility: ZoneVisibility;
  readonly provider?: TerraformProvider | undefined;

  constructor(scope: Construct, id: string, attributes: DnsZoneAttributes) {
    super(scope, id);
    requireKnownProps(this, attributes, DNS_ZONE_ATTRIBUTES);
    const { zoneName, resourceGroupName, visibility = ZoneVisibility.PUBLIC, provider } = attributes;
    requireZone(this, zoneName, resourceGroupName);
    this.zoneName = zoneName;
    this.resourceGroupName = resourceGroupName;
    this.visibility = visibility;
    this.provider = provider;
  }
}

/** 2 to 34 labels, without a trailing dot. */
const ZONE_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?){1,33}$/;

/** With the letter case that azurerm expects. */
const VIRTUAL_NETWORK_ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+$/;

function requireVirtualNetworks(scope: Construct, ids: readonly string[]): void {
  ids.forEach((id, index) => {
    const option = `virtualNetworkIds[${index}]`;
    requirePattern(
      scope,
      option,
      id,
      VIRTUAL_NETWORK_ID,
      "a virtual network's ARM id, such as /subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/hub",
    );
    const first = ids.findIndex((other) => isSameValue(scope, other, id));
    if (first < index) {
      throw new ConstructError(
        scope,
        `${option} is the same network as virtualNetworkIds[${first}], and Azure links a network once; remove one of them`,
      );
    }
  });
}

function requireZone(scope: Construct, zoneName: string, resourceGroupName: string): void {
  if (!Token.isUnresolved(zoneName) && !ZONE_NAME.test(zoneName)) {
    throw new ConstructError(
      scope,
      `zoneName is "${zoneName}"; expected a domain of at least two labels, such as example.com, without a scheme ` +
        'or a trailing dot',
    );
  }
  requireAzureName(scope, 'resourceGroupName', AZURE_NAMES.resourceGroup, resourceGroupName);
}
