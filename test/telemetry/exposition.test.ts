import { Counter, Gauge, Registry } from 'prom-client';

import { expose, toOpenMetrics } from '../../lib/telemetry/exposition';

const TEXT = `# HELP a_total Things.
# TYPE a_total counter
a_total{code="OK"} 1

# HELP b_total No counter, whatever its name.
# TYPE b_total gauge
b_total 2

# HELP c_seconds Time.
# TYPE c_seconds histogram
c_seconds_bucket{le="+Inf"} 1
`;

it('OpenMetrics names a counter without the suffix of its samples, and ends with its mark', () => {
  expect(toOpenMetrics(TEXT).split('\n')).toEqual([
    '# HELP a Things.',
    '# TYPE a counter',
    'a_total{code="OK"} 1',
    '# HELP b_total No counter, whatever its name.',
    '# TYPE b_total gauge',
    'b_total 2',
    '# HELP c_seconds Time.',
    '# TYPE c_seconds histogram',
    'c_seconds_bucket{le="+Inf"} 1',
    '# EOF',
    '',
  ]);
});

it.each([
  [undefined, 'text/plain; version=0.0.4; charset=utf-8'],
  ['*/*', 'text/plain; version=0.0.4; charset=utf-8'],
  [
    'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'application/openmetrics-text; version=1.0.0; charset=utf-8',
  ],
])('a scraper that accepts %s receives %s', async (accept, contentType) => {
  expect((await expose(new Registry(), accept)).contentType).toBe(contentType);
});

it('one scraper in another format does not change what the next one receives', async () => {
  const registry = new Registry();
  new Counter({ name: 'a_total', help: 'a', registers: [registry] }).inc();
  new Gauge({ name: 'b', help: 'b', registers: [registry] }).set(2);
  const before = await expose(registry);
  const other = await expose(registry, 'application/openmetrics-text');
  expect(await expose(registry)).toEqual(before);
  expect(before.body).toContain('# TYPE a_total counter\na_total 1\n');
  expect(other.body).toContain('# TYPE a counter\na_total 1\n');
});
