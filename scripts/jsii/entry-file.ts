import ts from 'typescript';

/**
 * Returns the entry file without the error classes, which are of no use in other languages: there, an error thrown in
 * JavaScript becomes a jsii error with the same message.
 * @param source constructs/index.ts
 */
export function entryFile(source: string): string {
  const file = ts.createSourceFile('index.ts', source, ts.ScriptTarget.Latest);
  const printer = ts.createPrinter();
  return file.statements
    .flatMap((statement) => keepExports(statement))
    .map((statement) => `${printer.printNode(ts.EmitHint.Unspecified, statement, file)}\n`)
    .join('');
}

function keepExports(statement: ts.Statement): ts.Statement[] {
  if (
    !ts.isExportDeclaration(statement) ||
    !statement.exportClause ||
    !ts.isNamedExports(statement.exportClause)
  ) {
    return [statement];
  }
  const kept = statement.exportClause.elements.filter(({ name }) => !name.text.endsWith('Error'));
  const { modifiers, isTypeOnly, moduleSpecifier, attributes } = statement;
  return kept.length === 0
    ? []
    : [
        ts.factory.updateExportDeclaration(
          statement,
          modifiers,
          isTypeOnly,
          ts.factory.createNamedExports(kept),
          moduleSpecifier,
          attributes,
        ),
      ];
}
