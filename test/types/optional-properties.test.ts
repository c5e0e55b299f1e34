import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import ts from 'typescript';

const root = path.resolve(__dirname, '../..');

/** Optional properties of a source file whose type does not contain `undefined`. */
function incompleteProperties(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      (ts.isPropertySignature(node) || ts.isPropertyDeclaration(node)) &&
      node.questionToken &&
      node.type &&
      !acceptsUndefined(node.type)
    ) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${path.relative(root, file)}:${line + 1} ${node.getText()}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function acceptsUndefined(type: ts.TypeNode): boolean {
  return ts.isUnionTypeNode(type)
    ? type.types.some(acceptsUndefined)
    : [ts.SyntaxKind.UndefinedKeyword, ts.SyntaxKind.UnknownKeyword].includes(type.kind);
}

it('every optional property accepts undefined, which callers with exactOptionalPropertyTypes rely on', () => {
  const files = ['constructs', 'lib'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes(path.join('proto', 'types')))
      .map((name) => path.join(root, folder, name)),
  );
  expect(files.length).toBeGreaterThan(100);
  // Declare it `name?: Type | undefined`.
  expect(files.flatMap(incompleteProperties)).toEqual([]);
});
