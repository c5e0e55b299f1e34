/** A step of the quickstart failed. Only the message is shown, without a stack trace. */
export class StepFailedError extends Error {}
