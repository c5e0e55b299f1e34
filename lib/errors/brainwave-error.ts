/** Optional properties of every error of this library. */
export interface BrainwaveErrorOptions extends ErrorOptions {
  /**
   * Remedy at the end of the message: lowercase, without a period.
   * @default - the finding states what was expected
   */
  readonly remedy?: string | undefined;
}

/**
 * Base class of all errors that this library throws. The message states the value received, the value expected and the
 * remedy. It never contains a key or the content of an image.
 */
export abstract class BrainwaveError extends Error {
  /**
   * Stable, machine-readable kind of failure. Messages may change between releases; codes do not.
   */
  abstract readonly code: string;
  /** Value received and value expected: the message without the remedy. */
  declare readonly finding: string;
  /** How to fix the problem, if the finding alone does not say it. */
  declare readonly remedy: string | undefined;

  /** @param finding the whole message if no remedy is set */
  constructor(finding: string, { remedy, ...options }: BrainwaveErrorOptions = {}) {
    super(remedy === undefined ? finding : `${finding}; ${remedy}`, options);
    this.name = new.target.name;
    // Not enumerable, because Node.js prints the enumerable properties of an uncaught error after the message.
    Object.defineProperties(this, { finding: { value: finding }, remedy: { value: remedy } });
  }
}

/** Returns whether a thrown value is an error of this library, including another copy of it, whose classes are not the same. */
export function isBrainwaveError(error: unknown): error is BrainwaveError {
  return error instanceof BrainwaveError || (error instanceof Error && 'finding' in error && 'code' in error);
}

/** Returns the message of a thrown value, which does not have to be an `Error`. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
