/**
 * Static public IP address of a service on AKS.
 *
 * @see https://learn.microsoft.com/azure/aks/static-ip
 */
export class PublicAddress {
  /**
   * Creates an address in the cluster's node resource group. The cluster needs no further role there. The address is
   * deleted with the cluster.
   */
  static inNodeResourceGroup(): PublicAddress {
    return new PublicAddress();
  }

  /**
   * Creates an address in another resource group, where it outlives the cluster. Assigns the role `Network Contributor`
   * on that resource group to the cluster.
   */
  static inResourceGroup(resourceGroupName: string): PublicAddress {
    return new PublicAddress(resourceGroupName);
  }

  /**
   * Uses an existing address. It must have the Standard SKU, be static, and be in the cluster's region. Assigns the role
   * `Network Contributor` on its resource group to the cluster.
   */
  static fromPublicIpName(name: string, resourceGroupName: string): PublicAddress {
    return new PublicAddress(resourceGroupName, name);
  }

  private constructor(
    /** @internal @default - the node resource group */
    readonly resourceGroupName?: string,
    /** @internal @default - a new address */
    readonly existingName?: string,
  ) {}
}
