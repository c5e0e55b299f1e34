import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');

/** A code block of the README or of a page in docs/. */
export interface Snippet {
  /** Of the file that it is from and its place there: `README-1`, `moving-to-azure-2`. */
  readonly name: string;
  readonly code: string;
}

/** The README's path and those of the pages in docs/, from the project's folder. */
export function pages(): string[] {
  const docs = readdirSync(path.join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.sort().map((name) => `docs/${name}`)];
}

/** All pages for users: those above, the READMEs of the examples and of new projects, and how to contribute. */
export function everyPage(): string[] {
  const examples = readdirSync(path.join(root, 'examples')).map((name) => `examples/${name}/README.md`);
  const others = [...examples, 'templates/project/README.md', 'CONTRIBUTING.md', 'SECURITY.md'];
  return [...pages(), ...others.filter((page) => existsSync(path.join(root, page)))];
}

/** A page as it is written. */
export function pageText(page: string): string {
  return readFileSync(path.join(root, page), 'utf8');
}

/** The code blocks in a language, in their order. A part of a program is none: its language is `ts fragment`. */
export function snippetsOf(page: string, language: string): Snippet[] {
  return [...pageText(page).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, code], index) => ({ name: `${path.basename(page, '.md')}-${index + 1}`, code }),
  );
}

/** A program with the changes that a unified diff of it shows, applied as a reader does. */
export function applyDiff(code: string, diff: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'cdktf-brainwave-diff-'));
  try {
    const file = path.join(folder, /^--- (\S+)$/m.exec(diff)![1]);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, code);
    execFileSync('git', ['apply', '-p0', '-'], { cwd: folder, input: diff });
    return readFileSync(file, 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The cells of a table's row. */
export function cellsOf(row: string): string[] {
  return row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** The code in a page's sentences and tables, outside of code blocks. */
export function inlineCodeOf(page: string): string[] {
  const prose = pageText(page).replace(/^ *(`{3,})[\s\S]*?^ *\1/gm, '');
  return [...prose.matchAll(/(?<!`)`([^`]+)`(?!`)/g)].map(([, code]) => code);
}
