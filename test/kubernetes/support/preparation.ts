import type { ClusterPrograms } from '../cluster/programs';

/** What is prepared before the cluster starts, where there is a network. */
export interface Preparation {
  readonly programs: ClusterPrograms;
  /** Folder of the run. */
  readonly folder: string;
  /** Control group of the pods. */
  readonly cgroup: string;
  /** File to which scenarios add their results. */
  readonly resultsFile: string;
  /** OCI archive of all images. */
  readonly images: string;
  /** Configuration of Terraform with the providers. @default - resources are converted to manifests */
  readonly providers?: string;
}

/** Environment variable with which the preparation reaches the cluster's namespaces, as JSON. */
export const PREPARATION = 'TEST_CLUSTER_PREPARATION';
