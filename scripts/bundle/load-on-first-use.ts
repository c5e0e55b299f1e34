import { readFileSync, writeFileSync } from 'node:fs';

const IMPORT = /^(?:const|var) (\w+) = require\((".+?")\);\n/gm;
const REEXPORT =
  /^Object\.defineProperty\(exports, ("\w+"), \{ enumerable: true, get: function \(\) \{ return (\w+)(\.\w+); \} \}\);$/gm;

/**
 * Node.js finds the names that ES modules can import in `exports.Name = void 0`, which the compiler writes, and would drop those
 * whose getter calls `require` itself.
 * @see https://github.com/nodejs/cjs-module-lexer#getter-exports-parsing
 */
const ON_FIRST_USE =
  'const onFirstUse = (name, get) => Object.defineProperty(exports, name, { enumerable: true, get });\n';

/**
 * Makes an index, as the compiler writes it, load a module when an export of it is first read. A stack then loads only the
 * constructs that it declares. Modules that the index itself calls are loaded as before.
 * @param file is replaced
 */
export function loadOnFirstUse(file: string): void {
  const code = readFileSync(file, 'utf8');
  const requests = new Map([...code.matchAll(IMPORT)].map(([, variable, request]) => [variable, request]));
  const lazy = code.replace(
    REEXPORT,
    (_, name: string, variable: string, member: string) =>
      `onFirstUse(${name}, () => require(${requests.get(variable)})${member});`,
  );
  if (lazy === code) {
    return;
  }
  const remaining = lazy.replace(IMPORT, (statement, variable: string) =>
    lazy.includes(`${variable}.`) ? statement : '',
  );
  writeFileSync(file, remaining.replace('\nonFirstUse(', `\n${ON_FIRST_USE}onFirstUse(`));
}
