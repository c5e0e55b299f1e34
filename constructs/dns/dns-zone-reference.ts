import type { ITerraformDependable, TerraformProvider } from 'cdktf';
import type { IConstruct } from 'constructs';

/** An Azure DNS zone. */
export interface IDnsZone extends IConstruct {
  readonly zoneName: string;
  /** Resource group of the zone, which may differ from that of the service. */
  readonly resourceGroupName: string;
  readonly visibility: ZoneVisibility;
  /**
   * Provider for the zone's subscription.
   * @default - the provider without an alias
   */
  readonly provider?: TerraformProvider | undefined;
  /**
   * Resource that must exist before records can be added.
   * @default - none; the zone already exists
   */
  readonly dependable?: ITerraformDependable | undefined;
}

/** Who can resolve the names of a zone. */
export enum ZoneVisibility {
  /** Anyone, once the parent zone delegates to its name servers. */
  PUBLIC = 'public',
  /** The virtual networks that are linked to it. */
  PRIVATE = 'private',
}
