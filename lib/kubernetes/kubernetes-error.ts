import { BrainwaveError, type BrainwaveErrorOptions } from '../errors/brainwave-error';

/** Reasons for which a step on a Kubernetes cluster fails. */
export type KubernetesErrorCode =
  | 'CLIENT_MISSING'
  | 'KUBECONFIG_INVALID'
  | 'CLUSTER_UNREACHABLE'
  | 'ROLLOUT_FAILED'
  | 'NO_READY_POD'
  | 'JOB_FAILED';

/** A step on a Kubernetes cluster failed; `code` tells why. */
export class KubernetesError extends BrainwaveError {
  constructor(
    readonly code: KubernetesErrorCode,
    finding: string,
    options?: BrainwaveErrorOptions,
  ) {
    super(finding, options);
  }
}
