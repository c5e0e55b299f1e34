import type { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import type { ITerraformDependable, TerraformProvider } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';

import type { Accelerator, NodeTaint } from '../accelerator/accelerator';
import type { DeviceClaim } from './node-pool-capacity';

/** An AKS cluster for web services. */
export interface IScoringCluster extends IConstruct {
  readonly clusterName: string;
  /** The ARM id. */
  readonly clusterId: string;
  readonly resourceGroupName: string;
  /** Resource group that contains the nodes, the load balancer and, by default, the IP addresses of the services. */
  readonly nodeResourceGroupName: string;
  /** Azure region: `westeurope`. */
  readonly location: string;
  /** Accelerator of the nodes of the scoring pool. */
  readonly accelerator: Accelerator;
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
  /** Resources that must exist before pods can run and use devices. */
  readonly dependables: ITerraformDependable[];

  /** Returns the Kubernetes provider of this cluster in the stack of `scope`. Declares it on the first call. */
  kubernetesProvider(scope: Construct): KubernetesProvider;

  /**
   * Allows the cluster's nodes to pull from a registry. Does nothing if they are already allowed to.
   * @param registryId ARM id of the registry.
   * @returns the resources that grant the permission
   */
  grantPull(scope: Construct, registryId: string): ITerraformDependable[];

  /**
   * Allows the cluster to use public IP addresses in a resource group other than the node resource group.
   * @returns the resources that grant the permission
   */
  grantNetwork(scope: Construct, resourceGroupName: string): ITerraformDependable[];

  /**
   * Reserves devices of the scoring pool for a service.
   * @throws ConstructError if too few devices are available
   */
  claimDevices(service: IConstruct, claim: DeviceClaim): void;

  /** Returns whether one more replica with the given number of devices fits. */
  hasRoomFor(devices: number): boolean;
}
