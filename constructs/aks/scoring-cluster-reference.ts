import type { ITerraformDependable, TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';

import type { NodeTaint } from '../accelerator/accelerator';
import type { IKubernetesCluster } from '../kubernetes/kubernetes-cluster-reference';

/** An AKS cluster for web services. */
export interface IScoringCluster extends IKubernetesCluster {
  readonly clusterName: string;
  /** The ARM id. */
  readonly clusterId: string;
  readonly resourceGroupName: string;
  /** Resource group that contains the nodes and the load balancer. AKS deletes it with the cluster. */
  readonly nodeResourceGroupName: string;
  /** Azure region: `westeurope`. */
  readonly location: string;
  /** @default - pods run on any node */
  readonly nodePoolName?: string | undefined;
  /** Provider of the Azure resources that a service adds. @default - the provider without an alias */
  readonly provider?: TerraformProvider | undefined;
  /**
   * Minimum number of nodes of the scoring pool.
   * @default - not known to the stack
   */
  readonly minNodeCount?: number | undefined;
  /**
   * Taints of the nodes of the scoring pool.
   * @default - not known to the stack
   */
  readonly nodeTaints?: NodeTaint[] | undefined;
  /**
   * Whether clients can sign in with certificates of the cluster's own accounts.
   * @default - not known to the stack
   */
  readonly localAccounts?: boolean | undefined;

  /**
   * Enables the add-on that collects metrics for Azure Monitor's managed Prometheus.
   * @param scope construct for the message
   * @throws ConstructError if the cluster is declared elsewhere
   */
  collectMetrics(scope: Construct): void;

  /**
   * Allows the cluster to use public IP addresses in a resource group, with the role `Network Contributor`.
   * @returns the resources that grant the permission
   */
  grantNetwork(scope: Construct, resourceGroupName: string): ITerraformDependable[];
}
