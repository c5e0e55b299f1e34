import * as constructs from '../../constructs';
import * as client from '../../lib/client';
import { pageText } from '../support/snippets';

const exported: Record<string, unknown> = { ...constructs, ...client };

/** Names of the page's tables that are code and begin as a class does, in the columns after the first. */
function names(page: string): string[] {
  const cells = pageText(page)
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| -+/.test(line))
    .flatMap((line) => line.split(' | ').slice(1));
  const code = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text));
  return code.flatMap((text) =>
    [...text.matchAll(/(?<![\w.'-])([A-Z][a-z]\w+(?:\.[a-zA-Z]\w*)?)/g)].map(([, name]) => name),
  );
}

/** Whether there is such a class or function, and the static member or the method of it that is named. */
function exists(name: string): boolean {
  const [owner, member] = name.split('.') as [string, string | undefined];
  const value = exported[owner] as ({ prototype?: object } & object) | undefined;
  if (!value) {
    return false;
  }
  return member === undefined || member in value || member in (value.prototype ?? {});
}

describe('what the documentation offers in place of older calls', () => {
  it.each(['docs/migrating-from-azure-ml-sdk-v1.md'])('is there: %s', (page) => {
    const found = names(page);
    expect(found.length).toBeGreaterThan(20);
    expect([...new Set(found)].filter((name) => !exists(name))).toEqual([]);
  });
});
