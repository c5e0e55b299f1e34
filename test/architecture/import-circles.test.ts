import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import ts from 'typescript';

const root = path.resolve(__dirname, '../..');

type Counts = (statement: ts.ImportDeclaration | ts.ExportDeclaration) => boolean;

/** The files that each source file imports when it is loaded; lazy imports do not count. */
function importGraph(folders: readonly string[], counts: Counts): Map<string, string[]> {
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => path.join(root, folder, name)),
  );
  return new Map(files.map((file) => [file, importedFiles(file, counts)]));
}

function importedFiles(file: string, counts: Counts): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  return source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) {
      return [];
    }
    const { moduleSpecifier } = statement;
    if (!moduleSpecifier || !ts.isStringLiteral(moduleSpecifier) || !counts(statement)) {
      return [];
    }
    const target = path.resolve(path.dirname(file), moduleSpecifier.text);
    return [`${target}.ts`, path.join(target, 'index.ts')].filter(
      (candidate) => moduleSpecifier.text.startsWith('.') && existsSync(candidate),
    );
  });
}

function carriesValues(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) {
    const { exportClause } = statement;
    const names = exportClause && ts.isNamedExports(exportClause) ? exportClause.elements : undefined;
    return !statement.isTypeOnly && (names?.some((name) => !name.isTypeOnly) ?? true);
  }
  const { importClause } = statement;
  if (!importClause) {
    return true;
  }
  const { namedBindings } = importClause;
  const names = namedBindings && ts.isNamedImports(namedBindings) ? namedBindings.elements : undefined;
  return (
    importClause.phaseModifier !== ts.SyntaxKind.TypeKeyword &&
    (importClause.name !== undefined || (names?.some((name) => !name.isTypeOnly) ?? true))
  );
}

/** One path `a -> b -> a` for each circle that a depth-first search closes. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    const start = trail.indexOf(file);
    if (start >= 0) {
      found.push([...trail.slice(start), file].map((each) => path.relative(root, each)).join(' -> '));
      return;
    }
    if (done.has(file)) {
      return;
    }
    for (const imported of graph.get(file) ?? []) {
      visit(imported, [...trail, file]);
    }
    done.add(file);
  };
  for (const file of graph.keys()) {
    visit(file, []);
  }
  return found;
}

/** Pairs of folders in `layer` that import each other, be it only types: `a <-> b`. */
function mutualFolders(layer: string): string[] {
  const folderOf = (file: string) =>
    path.relative(path.join(root, layer), file).split(path.sep).slice(0, -1)[0];
  const imports = new Set(
    [...importGraph([layer], () => true)].flatMap(([file, imported]) =>
      imported.map((each) => `${folderOf(file)} ${folderOf(each)}`),
    ),
  );
  expect(imports.size).toBeGreaterThan(50);
  return [...imports]
    .map((each) => each.split(' ') as [string, string])
    .filter(([from, to]) => from < to && imports.has(`${to} ${from}`))
    .map((pair) => pair.join(' <-> '));
}

it.each(['constructs', 'lib'])('no two folders of %s/ import each other', (layer) => {
  expect(mutualFolders(layer)).toEqual([]);
});

it('no file imports values from a file that needs it to be loaded first', () => {
  const graph = importGraph(['constructs', 'lib', 'scripts', 'bench'], carriesValues);
  expect([...graph.values()].flat().length).toBeGreaterThan(500);
  expect(circles(graph)).toEqual([]);
});

it('circles are found', () => {
  expect(
    circles(
      new Map([
        ['/a', ['/b']],
        ['/b', ['/c']],
        ['/c', ['/b', '/d']],
        ['/d', []],
      ]),
    ),
  ).toHaveLength(1);
});
