/**
 * Where the static IP address of a service on AKS is kept.
 *
 * Source: "Use a static public IP address and DNS label with the Azure Kubernetes Service (AKS) load balancer".
 */
export class PublicAddress {
  /**
   * A new address in the resource group of the cluster's nodes, where the cluster may use it without another role.
   * It lives as long as the cluster.
   */
  static inNodeResourceGroup(): PublicAddress {
    return new PublicAddress();
  }

  /**
   * A new address in a resource group of yours, which outlives the cluster. The cluster gets the role
   * `Network Contributor` there.
   */
  static inResourceGroup(resourceGroupName: string): PublicAddress {
    return new PublicAddress(resourceGroupName);
  }

  /**
   * An address that exists: of the Standard SKU, static, and in the cluster's region. The cluster gets the role
   * `Network Contributor` in its resource group.
   */
  static fromPublicIpName(name: string, resourceGroupName: string): PublicAddress {
    return new PublicAddress(resourceGroupName, name);
  }

  private constructor(
    /** @internal - the nodes' where undefined */
    readonly resourceGroupName?: string,
    /** @internal - a new address where undefined */
    readonly existingName?: string,
  ) {}
}
