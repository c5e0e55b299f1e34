import { readFileSync } from 'node:fs';
import path from 'node:path';

import { METRICS } from '../../lib/contract/metrics';

const page = readFileSync(path.resolve(__dirname, '../../docs/metrics.md'), 'utf8');

/** Name, type and labels of each row of the table. */
const documented = [...page.matchAll(/^\| `(brainwave_\w+)` +\| (\w+) +\| ([^|]*)\|/gm)].map(
  ([, name, type, labels = '']) => ({
    name,
    type,
    labelNames: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
  }),
);

it('the page lists each metric of the server with its type and labels', () => {
  const typeOf = (definition: { readonly name: string }) =>
    'buckets' in definition ? 'histogram' : definition.name.endsWith('_total') ? 'counter' : 'gauge';
  expect(documented).toEqual(
    Object.values(METRICS).map((definition) => ({
      name: definition.name,
      type: typeOf(definition),
      labelNames: [...definition.labelNames],
    })),
  );
});
