/** The tests cannot begin: something is missing on this machine. Its message says what, and how to get it. */
export class SetupError extends Error {}
