/** What every error of this library may carry besides what it found. */
export interface BrainwaveErrorOptions extends ErrorOptions {
  /**
   * How to mend it, as its message ends: lowercase, without a full stop.
   * @default - the finding says what was expected, and that is enough
   */
  readonly remedy?: string | undefined;
}

/**
 * The base of every error that this library throws on purpose. Its message says what was got, what was
 * expected and how to mend it; it never holds a key or the content of an image.
 */
export abstract class BrainwaveError extends Error {
  /**
   * A short, stable name of the kind of failure, for programs: messages may be reworded, codes are not.
   */
  abstract readonly code: string;
  /** What was got and what was expected: the message without the remedy. */
  readonly finding: string;
  /** How to mend it, where there is more to say than the finding does. */
  readonly remedy: string | undefined;

  /** @param finding the message, where no remedy is given */
  constructor(finding: string, { remedy, ...options }: BrainwaveErrorOptions = {}) {
    super(remedy === undefined ? finding : `${finding}; ${remedy}`, options);
    this.name = new.target.name;
    this.finding = finding;
    this.remedy = remedy;
  }
}
