/** A step of the quickstart that failed. Its message is all that a reader needs. */
export class StepFailedError extends Error {}
