import type { ITerraformDependable, TerraformProvider } from 'cdktf';
import type { IConstruct } from 'constructs';

/** A DNS zone of Azure. */
export interface IDnsZone extends IConstruct {
  readonly zoneName: string;
  /** The zone's own, which need not be the service's. */
  readonly resourceGroupName: string;
  readonly visibility: ZoneVisibility;
  /**
   * The provider of the zone's subscription.
   * @default - the stack's only one
   */
  readonly provider?: TerraformProvider | undefined;
  /**
   * What exists when records can be added.
   * @default - the zone exists already
   */
  readonly dependable?: ITerraformDependable | undefined;
}

/** Who can resolve the names of a zone. */
export enum ZoneVisibility {
  /** Everybody, once the zone's parent delegates to its name servers. */
  PUBLIC = 'public',
  /** The virtual networks that are linked to it. */
  PRIVATE = 'private',
}
