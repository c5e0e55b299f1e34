/**
 * The base of every error that this library throws on purpose. Its message says what was got, what was
 * expected and how to mend it; it never holds a key or the content of an image.
 */
export abstract class BrainwaveError extends Error {
  /**
   * A short, stable name of the kind of failure, for programs: messages may be reworded, codes are not.
   */
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
