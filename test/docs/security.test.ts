import { App } from 'cdktf';

import { Environment } from '../../constructs';
import { readAcceptedChecks } from '../policy/accepted-checks';
import { cellsOf, pageText } from '../support/snippets';

it('shows each accepted check of the policy scan, with its reason', () => {
  const rows = pageText('docs/security.md')
    .split('\n')
    .filter((line) => /^\| `(CKV|AZU)/.test(line))
    .map(cellsOf);
  expect(rows).toEqual(
    readAcceptedChecks().map(({ check, asksFor, stacks, reason }) => [
      `\`${check}\``,
      asksFor,
      stacks?.join(', ') ?? 'all',
      reason,
    ]),
  );
});

type Setting = string | number | boolean | object;

it('shows each setting of the environments', () => {
  const scope = new App();
  const [development, production] = [Environment.development(), Environment.production()].map((environment) =>
    Object.entries(environment.bind(scope) as object as Record<string, Setting>),
  );
  const shown = (value: Setting) =>
    typeof value === 'boolean'
      ? value
        ? 'on'
        : 'off'
      : typeof value === 'object'
        ? 'Sundays from 02:00'
        : String(value);
  const rows = new Map(
    [...pageText('docs/security.md').matchAll(/^\| `(\w+)` +\| ([^|]+?) +\| ([^|]+?) +\|$/gm)].map(
      ([, name, ...texts]) => [name, texts],
    ),
  );

  expect(production.length).toBeGreaterThan(7);
  for (const [column, settings] of [development, production].entries()) {
    for (const [name, value] of settings) {
      expect([name, rows.get(name)?.[column]]).toEqual([name, expect.stringContaining(shown(value))]);
    }
  }
});
