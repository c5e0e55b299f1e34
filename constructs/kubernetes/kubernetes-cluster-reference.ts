import type { KubernetesProvider, KubernetesProviderConfig } from '@cdktf/provider-kubernetes/lib/provider';
import type { ITerraformDependable } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';

import type { Accelerator, NodeTaint } from '../accelerator/accelerator';
import type { DeviceClaim } from './device-capacity';

/** A Kubernetes cluster for web services. */
export interface IKubernetesCluster extends IConstruct {
  /** Accelerator of the nodes that run models. */
  readonly accelerator: Accelerator;
  /**
   * Labels of the nodes that run models.
   * @default - pods run on any node
   */
  readonly nodeSelector?: Record<string, string> | undefined;
  /**
   * Taints that the pods of services tolerate.
   * @default - the taint of the accelerator
   */
  readonly tolerations?: NodeTaint[] | undefined;
  /**
   * Names of Secrets, in the namespace of a service, with which nodes pull its images.
   * @default - the nodes need none
   */
  readonly imagePullSecrets?: string[] | undefined;
  /**
   * Name of the subnet of internal load balancers, on Azure.
   * @default - the subnet of the nodes
   */
  readonly serviceSubnetName?: string | undefined;
  /** Resources that must exist before pods can run and use devices. */
  readonly dependables: ITerraformDependable[];
  /** Configuration of the Kubernetes provider. Steps sign in to the cluster with it, too. May contain sensitive tokens. */
  readonly providerConfig: KubernetesProviderConfig;

  /** Returns the Kubernetes provider of this cluster in the stack of `scope`. Declares it on the first call. */
  kubernetesProvider(scope: Construct): KubernetesProvider;

  /**
   * Allows the cluster's nodes to pull from a registry. Does nothing if they are already allowed to, or if the permission
   * is not a resource that this cluster can declare.
   * @param registryId id of the registry, as in `IScoringImage.containerRegistryId`
   * @returns the resources that grant the permission
   */
  grantPull(scope: Construct, registryId: string): ITerraformDependable[];

  /**
   * Reserves devices of the nodes for a service.
   * @throws ConstructError if too few devices are available
   */
  claimDevices(service: IConstruct, claim: DeviceClaim): void;

  /**
   * Returns whether more replicas fit, beside those that were claimed.
   * @param devices devices of these replicas
   */
  hasRoomFor(devices: number): boolean;
}
