import type { ITerraformDependable } from 'cdktf';
import type { IConstruct } from 'constructs';

import type { IScoringCluster } from '../aks/scoring-cluster-reference';
import type { IWorkspace } from '../workspace/workspace-reference';

/** A Kubernetes cluster that is attached to a workspace. */
export interface IAttachedKubernetesCluster extends IConstruct {
  readonly workspace: IWorkspace;
  readonly computeName: string;
  /** ARM id of the attached compute. */
  readonly computeId: string;
  /** Instance types that deployments can use. The first is the default. @default - unknown to the stack */
  readonly instanceTypes?: InstanceType[] | undefined;
  /** @default - unknown, so replicas are not compared with the number of GPUs */
  readonly cluster?: IScoringCluster | undefined;
  /** How clients reach the endpoints. @default - unknown to the stack */
  readonly exposure?: RouterExposure | undefined;
  /** Resources that exist when the compute accepts deployments. */
  readonly dependables: ITerraformDependable[];
}

/** How clients reach the inference router, which all endpoints of a compute share. */
export interface RouterExposure {
  /** Whether keys and responses are encrypted in transit. */
  readonly tls: boolean;
  /** Whether it can be reached only from the cluster's network. */
  readonly internal: boolean;
  /** PEM file, relative to the project's folder. @default - clients trust the public root certificates */
  readonly rootCertificateFile?: string | undefined;
  /** Value that changes when the certificate changes. */
  readonly revision: string;
}

/** Resources of a replica of an online deployment. Deployments select an instance type by name. */
export interface InstanceType {
  /** Name: lowercase letters, digits and `-`. */
  readonly name: string;
  /**
   * Number of GPUs per replica, for its exclusive use.
   * @default - 1 if the nodes have GPUs
   */
  readonly gpus?: number | undefined;
  /** Requested CPU per replica, for example `1` or `500m`. @default '1' */
  readonly cpu?: string | undefined;
  /** Requested memory per replica. @default '4Gi' */
  readonly memory?: string | undefined;
  /** CPU limit per replica. @default '2' */
  readonly cpuLimit?: string | undefined;
  /** Memory limit per replica. A replica that exceeds it is killed. @default '8Gi' */
  readonly memoryLimit?: string | undefined;
  /**
   * Labels of the nodes on which replicas can run.
   * @default - the cluster's scoring pool
   */
  readonly nodeSelector?: Record<string, string> | undefined;
}
