/**
 * Initial metadata in which a scoring server reports what it was deployed with. Answers and errors carry it alike.
 */
export const REVISION_METADATA = {
  /** Revision of the deployment: changes with image, model, configuration, certificate and keys. */
  revision: 'brainwave-revision',
  /** Identifies the process that answered, so that replicas can be counted. */
  replica: 'brainwave-replica',
} as const;

/** What a server reports of its deployment. */
export interface ServedRevision {
  readonly revision: string;
  readonly replica: string;
}
