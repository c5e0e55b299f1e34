import type { ITerraformDependable } from 'cdktf';
import type { IConstruct } from 'constructs';

import type { IScoringCluster } from '../aks/scoring-cluster-reference';
import type { IWorkspace } from '../workspace/workspace-reference';

/** A Kubernetes cluster that a workspace deploys to. */
export interface IAttachedKubernetesCluster extends IConstruct {
  readonly workspace: IWorkspace;
  readonly computeName: string;
  /** The ARM id. */
  readonly computeId: string;
  /** What deployments may choose from; the first is what they get. @default - not known to the stack */
  readonly instanceTypes?: InstanceType[] | undefined;
  /** @default - not known: replicas are not held against its GPUs */
  readonly cluster?: IScoringCluster | undefined;
  /** How the endpoints' address can be reached, where the stack knows it. @default - not known to the stack */
  readonly exposure?: RouterExposure | undefined;
  /** What exists when the compute takes deployments. */
  readonly dependables: ITerraformDependable[];
}

/** How clients reach the inference router, which all endpoints of a compute share. */
export interface RouterExposure {
  /** Whether keys and answers travel encrypted. */
  readonly tls: boolean;
  /** Whether only the cluster's network reaches it. */
  readonly internal: boolean;
  /** PEM, relative to the project's folder. @default - clients trust the public roots */
  readonly rootCertificateFile?: string | undefined;
  /** Changes when the certificate does. */
  readonly revision: string;
}

/** What a replica of an online deployment gets of a cluster, by a name that deployments choose it by. */
export interface InstanceType {
  /** Lower-case letters, digits and `-`. */
  readonly name: string;
  /**
   * GPUs for each replica, which no other pod shares.
   * @default - 1 where the nodes have GPUs
   */
  readonly gpus?: number | undefined;
  /** Cores that are kept for a replica, `1` or `500m`. @default '1' */
  readonly cpu?: string | undefined;
  /** Memory that is kept for a replica. @default '4Gi' */
  readonly memory?: string | undefined;
  /** Cores that a replica may use at most. @default '2' */
  readonly cpuLimit?: string | undefined;
  /** Memory at which a replica is ended. @default '8Gi' */
  readonly memoryLimit?: string | undefined;
  /**
   * Labels of the nodes.
   * @default - the cluster's scoring pool
   */
  readonly nodeSelector?: Record<string, string> | undefined;
}
