import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import * as constructs from '../../constructs';
import * as testing from '../../constructs/testing';
import { METRICS } from '../../lib/contract/metrics';
import * as client from '../../lib/client';
import * as server from '../../lib/server';
import * as smokeTest from '../../lib/smoke-test';
import { projectFiles } from '../../lib/cli/init/project-files';
import { cellsOf, everyPage, inlineCodeOf, pageText } from '../support/snippets';

const root = path.resolve(__dirname, '../..');
const exported: Record<string, unknown> = { ...constructs, ...client, ...server, ...smokeTest, ...testing };

/** Names of other software that look like names of this library. */
const FOREIGN = new Set([
  ...['useSSL', 'authKey'], // the C# client of the Azure ML SDK
  ...['CERTIFICATE_VERIFY_FAILED', 'TSI_DATA_CORRUPTED', 'END_STREAM'], // messages of grpcio
  ...['NODE_DEBUG', 'OTEL_RESOURCE_ATTRIBUTES'], // variables of Node.js and of OpenTelemetry
  'SslSettings.self_signed', // the name in Python
  ...['infrastructureEncryptionEnabled', 'rateLimited'], // azurerm's storage account, an error of ACME servers
]);

const CODE_FOLDERS = ['lib', 'constructs', 'scripts', 'examples', 'templates', 'machine', 'proto'];
const CODE = sourcesOf(CODE_FOLDERS);
const WORDS = new Set(CODE.match(/\w+/g));

function sourcesOf(folders: readonly string[]): string {
  return folders
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter(
          (file) => /\.(ts|json|sh|py|proto|ya?ml)$/.test(file) && !/node_modules|cdktf\.out/.test(file),
        )
        .map((file) => readFileSync(path.join(root, folder, file), 'utf8')),
    )
    .join('\n');
}

/** Names that the example composes of text and the names of its regions. */
const COMPOSED = /^SCORING_(EUROPE|AMERICA)_(ADDRESS|KEY)$/;

/** What a function finds on all pages, except what is accepted: each with the page that contains it. */
function findings(
  find: (page: string) => readonly string[],
  isAccepted: (name: string) => boolean,
): string[] {
  const found = everyPage().flatMap((page) => find(page).map((name) => ({ page, name })));
  expect(found.length).toBeGreaterThan(10);
  return [
    ...new Set(found.filter(({ name }) => !isAccepted(name)).map(({ page, name }) => `${page}: ${name}`)),
  ];
}

const inCode = (pattern: RegExp) => (page: string) =>
  inlineCodeOf(page).flatMap((code) => code.match(pattern) ?? []);

/** Whether there is such a static member, method or property of a class, if the library exports the class. */
function isMember(name: string): boolean {
  if (FOREIGN.has(name)) {
    return true;
  }
  const [owner, member] = name.split('.');
  const value = exported[owner] as ({ prototype?: object } & object) | undefined;
  return (
    value === undefined ||
    member in value ||
    member in (value.prototype ?? {}) ||
    CODE.includes(`readonly ${member}:`) ||
    CODE.includes(`readonly ${member}?:`)
  );
}

/** The defaults in doc comments, by the name of the option. */
const DEFAULTS = new Map<string, string[]>();
for (const [, comment, name] of CODE.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*readonly (\w+)\?/g)) {
  const stated = /@default ([\s\S]*?)(?=\n\s*\* @|$)/.exec(comment)?.[1];
  DEFAULTS.set(name, [...(DEFAULTS.get(name) ?? []), ...(stated === undefined ? [] : [stated])]);
}

/** Whether a doc comment of an option states this number or this code as its default. */
function isDefault(option: string, value: string): boolean {
  const name = option.replace(/^--/, '').replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const property = name.split('.').at(-1)!;
  return (DEFAULTS.get(property) ?? []).some((stated) => stated.split(/[\s;,']+/).includes(value));
}

/** The option and the default of each statement `option` … (default value), and of each row of a table with a column for defaults. */
function statedDefaults(page: string): string[] {
  const text = pageText(page);
  const sentences = [...text.matchAll(/`([\w.-]+)`[^`|]*?\(default ([\d.]*\d)/g)].map(
    ([, option, value]) => `${option} ${value}`,
  );
  const rows = text.split(/\n(?!\|)/).flatMap((table) => {
    const [head = '', , ...body] = table.split('\n').filter((line) => line.startsWith('|'));
    const column = cellsOf(head).indexOf('Default');
    return column < 0 ? [] : body.map(cellsOf).map((cells) => [cells[0], cells[column]] as const);
  });
  return [
    ...sentences,
    ...rows.flatMap(([names, values]) => {
      const options = [...names.matchAll(/`([a-z]\w*)`/g)].map(([, name]) => name);
      const literals = (values.match(/`[^`]+`|\b\d+\b/g) ?? []).map((literal) => literal.replaceAll('`', ''));
      return options.length === literals.length
        ? options.map((option, index) => `${option} ${literals[index]}`)
        : [];
    }),
  ];
}

/** A page without the calls of the Azure ML SDK: the first cells of the tables that replace them. */
function current(page: string): string {
  const text = pageText(page);
  return page.includes('migrating-from') ? text.replaceAll(/^\|[^|]*\|/gm, '|') : text;
}

describe('what the documentation names', () => {
  it('is in the code: options, methods, error codes and variables', () => {
    const names = inCode(/(?<![\w$])(?:[a-z]+[A-Z]\w*|[A-Z][A-Z\d]*_[A-Z\d_]+)(?!\w)/g);

    expect(
      findings(
        names,
        (name) => WORDS.has(name) || FOREIGN.has(name) || COMPOSED.test(name) || name.startsWith('CKV'),
      ),
    ).toEqual([]);
  });

  it('is a member of its class', () => {
    const members = (page: string) => current(page).match(/(?<![\w.'-])[A-Z][a-z]\w*\.[a-z]\w*/g) ?? [];

    expect(findings(members, isMember)).toEqual([]);
  });

  it('is exported, in place of older calls', () => {
    const rows = pageText('docs/migrating-from-azure-ml-sdk-v1.md').match(/^\| .*$/gm)!;
    const replacements = rows.flatMap(
      (row) =>
        cellsOf(row)
          .slice(1)
          .join(' ')
          .match(/`[^`]+`/g) ?? [],
    );
    const classes = replacements.flatMap((code) => code.match(/(?<![\w.'-])[A-Z][a-z]\w+/g) ?? []);

    expect(classes.length).toBeGreaterThan(20);
    expect([...new Set(classes)].filter((name) => !(name in exported))).toEqual([]);
  });

  it('is a file of this repository', () => {
    const folders = [...CODE_FOLDERS, 'bench', 'docs', 'schemas', 'test', '.ci', '.github'];
    const files = (page: string) =>
      page.startsWith('examples/') || page.startsWith('templates/')
        ? []
        : inlineCodeOf(page).filter(
            (code) => folders.includes(code.split('/')[0]) && /^[\w./-]+$/.test(code),
          );

    expect(findings(files, (file) => existsSync(path.join(root, file)))).toEqual([]);
  });

  it('is a metric', () => {
    const metrics = new Set<string>(Object.values(METRICS).map(({ name }) => name));
    const names = (page: string) => pageText(page).match(/(?<!\w)brainwave_[a-z_]+(?![a-z_\d])/g) ?? [];

    expect(findings(names, (name) => metrics.has(name))).toEqual([]);
  });

  it('is an npm script, here or in a new project', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      scripts: object;
    };
    const created = JSON.parse(String(projectFiles(root).get('package.json'))) as { scripts: object };
    const names = (page: string) =>
      [...pageText(page).matchAll(/npm run (?:--silent )?([a-z][\w:-]*)/g)].map(([, name]) => name);

    expect(findings(names, (name) => name in scripts || name in created.scripts)).toEqual([]);
  });

  it('is a default that the doc comment of the option states', () => {
    expect(
      findings(statedDefaults, (statement) => {
        const [option, value] = statement.split(' ');
        return isDefault(option, value);
      }),
    ).toEqual([]);
  });
});
