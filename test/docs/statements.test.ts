import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { exitCodes } from '../../lib/errors/exit-code';
import { cellsOf, everyPage, inlineCodeOf, pageText, pages, snippetsOf } from '../support/snippets';

const root = path.resolve(__dirname, '../..');
const command = path.join(root, 'dist/lib/cli/main.js');

/** Flags of npm, of tf2onnx, of Node.js and of `npm run soak`. */
const OTHER_FLAGS = new Set(['--ignore-scripts', '--omit', '--inputs', '--cpu-prof', '--seconds']);

/** The first cells of a table's rows that match a pattern. */
function firstCells(page: string, pattern: RegExp): string[] {
  return [...pageText(page).matchAll(pattern)].map(([, cell]) => cell);
}

function sources(folder: string): string {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(path.join(root, folder, file), 'utf8'))
    .join('\n');
}

/** Commands of the shell blocks on all pages, with their continuation lines, by their name: `smoke-test`, `local up`. */
function commandLines(): [name: string, line: string][] {
  return everyPage()
    .flatMap((page) => snippetsOf(page, 'sh'))
    .flatMap(({ code }) => code.replaceAll('\\\n', ' ').split('\n'))
    .flatMap((line) => line.replace(/\s#\s.*$/, '').split('|'))
    .flatMap((line): [string, string][] => {
      const found = /cdktf-brainwave (\w[\w-]*)(?: (\w+))?/.exec(line);
      return found === null ? [] : [[found[1] === 'local' ? `local ${found[2]}` : found[1], line]];
    });
}

/** The cells of the rows of all tables of a text. */
function rowsOf(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map(cellsOf);
}

describe('what the documentation says', () => {
  it('of the stages for a model is also in a new project', () => {
    const project = readFileSync(path.join(root, 'templates/project/README.md'), 'utf8');
    const stages = rowsOf(project).filter(([, stage]) => /\bStage\.|model\.export/.test(stage));
    expect(stages.length).toBeGreaterThan(5);
    expect(rowsOf(pageText('docs/your-model.md'))).toEqual(expect.arrayContaining(stages));
  });

  it('of exit codes is what the commands exit with', () => {
    const documented = firstCells('docs/smoke-test.md', /^\| (\d+) +\|/gm).map(Number);

    expect(documented).toEqual(Object.values(exitCodes));
  });

  it('of environment variables names those that the code reads', () => {
    const named = new Set(pages().flatMap((page) => pageText(page).match(/\bCDKTF_BRAINWAVE_\w+/g) ?? []));
    const code = ['lib', 'constructs', 'scripts'].map(sources).join('\n');

    expect(named.size).toBeGreaterThan(2);
    expect([...named].filter((name) => !code.includes(`'${name}'`))).toEqual([]);
  });

  it('of the doctor’s checks names all of them', () => {
    const documented = firstCells('docs/doctor.md', /^\| `([a-z]+)` +\|/gm);
    const known = [...sources('lib/doctor').matchAll(/\bcheck(?:: | = )'([a-z]+)'/g)].map(([, name]) => name);

    expect(new Set(documented)).toEqual(new Set(known));
  });

  it('of flags names those of the command', () => {
    const lines = commandLines();
    const names = [...new Set(lines.map(([name]) => name))];
    const helps = new Map(
      names.map((name) => [
        name,
        execFileSync(process.execPath, [command, ...name.split(' '), '--help'], { encoding: 'utf8' }),
      ]),
    );
    const wrong = lines.flatMap(([name, line]) =>
      (line.slice(line.indexOf('cdktf-brainwave')).match(/--[a-z][\w-]*/g) ?? [])
        .filter((flag) => !new RegExp(`(?<![\\w-])${flag}(?![\\w-])`).test(helps.get(name)!))
        .map((flag) => `${name} ${flag}`),
    );

    const mentioned = everyPage().flatMap((page) =>
      inlineCodeOf(page).flatMap((code) => /^--[a-z][\w-]*/.exec(code)?.[0] ?? []),
    );
    const flags = new Set([...helps.values()].flatMap((help) => help.match(/--[a-z][\w-]*/g) ?? []));

    expect(names.length).toBeGreaterThan(5);
    expect(wrong).toEqual([]);
    expect([...new Set(mentioned)].filter((flag) => !flags.has(flag) && !OTHER_FLAGS.has(flag))).toEqual([]);
  });
});
