import type { Construct } from 'constructs';

import { DataAzurermPublicIp, PublicIp } from '../bindings/azurerm';
import { AZURE_NAMES, azureName } from '../azure/azure-name';
import { Exposure, type ExposedService } from '../kubernetes/exposure';
import type { IKubernetesCluster } from '../kubernetes/kubernetes-cluster-reference';
import { dependablesFor } from '../terraform/dependables';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import type { IScoringCluster } from './scoring-cluster-reference';

/** Options of a new address. */
export interface PublicAddressProps {
  /** @default - none, except those of Aspects */
  readonly tags?: Record<string, string> | undefined;
}

const ANNOTATION = 'service.beta.kubernetes.io';

/**
 * Exposes a service on AKS under a static public IP address, which does not change when the Service or the cluster is
 * replaced. Never in the node resource group, which AKS deletes with the cluster. The cluster is assigned the role
 * `Network Contributor` on the address's resource group, in which AKS looks the address up.
 *
 * @see https://learn.microsoft.com/azure/aks/static-ip
 */
export class PublicAddress extends Exposure {
  /** Creates an address in the cluster's resource group. */
  static inClusterResourceGroup(props: PublicAddressProps = {}): PublicAddress {
    return new PublicAddress(undefined, undefined, props);
  }

  /** Creates an address in another resource group. */
  static inResourceGroup(resourceGroupName: string, props: PublicAddressProps = {}): PublicAddress {
    return new PublicAddress(resourceGroupName, undefined, props);
  }

  /** Uses an existing address. It must have the Standard SKU, be static, and be in the cluster's region. */
  static fromPublicIpName(name: string, resourceGroupName: string): PublicAddress {
    return new PublicAddress(resourceGroupName, name, {});
  }

  private constructor(
    /** `undefined`: the resource group of the cluster. */
    private readonly resourceGroupName: string | undefined,
    /** `undefined`: a new address. */
    private readonly existingName: string | undefined,
    private readonly props: PublicAddressProps,
  ) {
    super();
  }

  bind(scope: Construct, cluster: IKubernetesCluster): ExposedService {
    requireKnownProps(scope, this.props, { tags: true });
    if (!isScoringCluster(cluster)) {
      throw new ConstructError(
        scope,
        'PublicAddress is an address on Azure, but the cluster is not a ScoringCluster; use Exposure.loadBalancer()',
      );
    }
    const { provider } = cluster;
    const resourceGroupName = this.resourceGroupName ?? cluster.resourceGroupName;
    const granted = cluster.grantNetwork(scope, resourceGroupName);
    const address =
      this.existingName === undefined
        ? new PublicIp(scope, 'PublicIp', {
            name: azureName(scope, AZURE_NAMES.publicIpAddress),
            resourceGroupName,
            location: cluster.location,
            allocationMethod: 'Static',
            sku: 'Standard',
            tags: this.props.tags,
            provider,
          })
        : new DataAzurermPublicIp(scope, 'PublicIp', {
            name: this.existingName,
            resourceGroupName,
            provider,
          });
    return {
      type: 'LoadBalancer',
      annotations: {
        [`${ANNOTATION}/azure-load-balancer-resource-group`]: resourceGroupName,
        [`${ANNOTATION}/azure-pip-name`]: this.existingName ?? address.name,
      },
      address: address.ipAddress,
      dependables: dependablesFor(scope, granted),
    };
  }
}

function isScoringCluster(cluster: IKubernetesCluster): cluster is IScoringCluster {
  return 'grantNetwork' in cluster;
}
