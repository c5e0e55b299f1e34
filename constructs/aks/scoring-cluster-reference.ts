import type { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import type { ITerraformDependable, TerraformProvider } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';

import type { Accelerator, NodeTaint } from '../accelerator/accelerator';
import type { DeviceClaim } from './node-pool-capacity';

/** An AKS cluster that scores. */
export interface IScoringCluster extends IConstruct {
  readonly clusterName: string;
  /** The ARM id. */
  readonly clusterId: string;
  readonly resourceGroupName: string;
  /** The resource group in which AKS keeps the nodes, the load balancer and, unless set otherwise, services' IPs. */
  readonly nodeResourceGroupName: string;
  /** The region as Azure writes it, `westeurope`. */
  readonly location: string;
  /** What the nodes of the scoring pool have. */
  readonly accelerator: Accelerator;
  /** @default - pods run on whatever node takes them */
  readonly nodePoolName?: string | undefined;
  /** The provider of the Azure resources that a service adds. @default - the one without an alias */
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
  /** What exists when pods can run and use devices. */
  readonly dependables: ITerraformDependable[];

  /** The Kubernetes provider of this cluster in the stack of `scope`, made where there is none yet. */
  kubernetesProvider(scope: Construct): KubernetesProvider;

  /**
   * Lets the cluster's nodes pull from a registry. Where they may already, nothing is added.
   * @param registryId the registry's ARM id
   * @returns what exists when they may
   */
  grantPull(scope: Construct, registryId: string): ITerraformDependable[];

  /**
   * Lets the cluster use public IP addresses of a resource group besides its own.
   * @returns what exists when it may
   */
  grantNetwork(scope: Construct, resourceGroupName: string): ITerraformDependable[];

  /**
   * Takes devices of the scoring pool for a service.
   * @throws ConstructError where there are not so many
   */
  claimDevices(service: IConstruct, claim: DeviceClaim): void;

  /** Whether a replica more, with so many devices, fits beside all that are claimed. */
  hasRoomFor(devices: number): boolean;
}
