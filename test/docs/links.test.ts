import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { anchorsOf, linksOf } from '../support/markdown';

const root = path.resolve(__dirname, '../..');
const IGNORED = new Set(['node_modules', 'cdktf.out', '.cdktf-brainwave', '.terraform']);

/** The Markdown files below a folder, from the project's folder. */
function markdownFiles(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !IGNORED.has(name))
    .flatMap((entry) => {
      const file = path.posix.join(folder, entry.name);
      return entry.isDirectory() ? markdownFiles(file) : entry.name.endsWith('.md') ? [file] : [];
    });
}

const topFiles = readdirSync(root).filter((name) => name.endsWith('.md'));
const FILES = [...topFiles, ...markdownFiles('docs'), ...markdownFiles('examples')];

function brokenLinks(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  return linksOf(text).filter((link) => {
    if (/^(https?|mailto):/.test(link)) {
      return false;
    }
    const [, target, anchor] = /^([^#]*)#?(.*)$/.exec(link)!;
    const linked = target === '' ? file : path.join(path.dirname(file), decodeURI(target));
    const absolute = path.join(root, linked);
    if (!existsSync(absolute)) {
      return true;
    }
    if (anchor === '') {
      return false;
    }
    const page = statSync(absolute).isDirectory() ? path.join(absolute, 'README.md') : absolute;
    return !anchorsOf(readFileSync(page, 'utf8')).includes(anchor);
  });
}

describe('links', () => {
  it('are looked for in the README, the documentation and the examples', () => {
    expect(FILES).toEqual(
      expect.arrayContaining(['README.md', 'docs/README.md', 'docs/concepts.md', 'examples/aks/README.md']),
    );
  });

  it.each(FILES)('of %s lead to a file, and to a heading where they name one', (file) => {
    expect(brokenLinks(file)).toEqual([]);
  });

  it('lead from docs/README.md to every page', () => {
    const linked = linksOf(readFileSync(path.join(root, 'docs/README.md'), 'utf8'));
    const pages = readdirSync(path.join(root, 'docs')).filter((name) => /^(?!README).*\.md$/.test(name));

    expect(pages.filter((page) => !linked.includes(page))).toEqual([]);
  });
});
