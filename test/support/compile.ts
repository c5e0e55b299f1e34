import ts from 'typescript';

/** A message of the compiler, and the file that it is about. */
export interface CompilerMessage {
  readonly file: string | undefined;
  readonly text: string;
}

/** Compiles files as a user's project with `strict` does. */
export function compilerMessages(files: readonly string[]): CompilerMessage[] {
  const program = ts.createProgram(files, {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    types: ['node'],
  });
  return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => ({
    file: file?.fileName,
    text: ts.flattenDiagnosticMessageText(messageText, '\n'),
  }));
}

/** Expects that the compiler has nothing to say of files. */
export function expectToCompile(files: readonly string[]): void {
  expect(files.length).toBeGreaterThan(0);
  expect(compilerMessages(files).map(({ text }) => text)).toEqual([]);
}
