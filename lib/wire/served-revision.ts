/**
 * Initial metadata in which a scoring server reports its deployed revision. Both responses and errors contain it.
 */
export const REVISION_METADATA = {
  /** Revision of the deployment: changes with image, model, configuration, certificate and keys. */
  revision: 'brainwave-revision',
  /** Identifies the process that answered, so that replicas can be counted. */
  replica: 'brainwave-replica',
} as const;

/** Deployment information that a server reports. */
export interface ServedRevision {
  readonly revision: string;
  readonly replica: string;
}
