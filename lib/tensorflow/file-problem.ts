/**
 * A finding about a TensorFlow file: `<file>: <finding>; <remedy>`. The stage that the file belongs to is added by
 * the caller that knows it.
 */
export class FileProblem extends Error {
  constructor(file: string, finding: string, remedy: string, cause?: unknown) {
    super(`${file}: ${finding}; ${remedy}`, { cause });
  }
}
