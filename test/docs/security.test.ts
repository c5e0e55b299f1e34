import { readFileSync } from 'node:fs';
import path from 'node:path';

import { readAcceptedChecks } from '../policy/accepted-checks';

it('shows each accepted check of the policy scan, with its reason', () => {
  const page = readFileSync(path.resolve(__dirname, '../../docs/security.md'), 'utf8');
  const rows = page
    .split('\n')
    .filter((line) => /^\| `(CKV|AZU)/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  expect(rows).toEqual(
    readAcceptedChecks().map(({ check, asksFor, stacks, reason }) => [
      `\`${check}\``,
      asksFor,
      stacks?.join(', ') ?? 'all',
      reason,
    ]),
  );
});
