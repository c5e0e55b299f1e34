/** The tests cannot begin: something is missing on this machine. Its message says what, and how to get it. */
export class SetupError extends Error {}

/** The package index has no release for this platform or this version of Python. */
export class NoReleaseError extends SetupError {}
