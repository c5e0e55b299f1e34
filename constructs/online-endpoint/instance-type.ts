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
