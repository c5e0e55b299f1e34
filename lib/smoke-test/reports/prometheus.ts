import type { SmokeTestReport, SmokeTestSampleReport } from '../smoke-test-report';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number, suffix?: '_sum' | '_count'];

const PREFIX = 'cdktf_brainwave_smoke_test_';

/**
 * Formats the report in Prometheus' text format 0.0.4, for the textfile collector of the node exporter. Every sample has
 * the labels of the target, so that the files of several tests can be in one folder.
 */
export function prometheusReport(report: SmokeTestReport): string {
  const { failure, certificate, latency, checks, samples } = report;
  const { protocol, host, port } = report.target;
  const target = { protocol, host, port: String(port) };
  const lines: string[] = [];
  const add = (name: string, help: string, values: readonly Sample[], type = 'gauge') => {
    if (values.length > 0) {
      lines.push(`# HELP ${PREFIX}${name} ${help}`, `# TYPE ${PREFIX}${name} ${type}`);
      for (const [labels, value, suffix = ''] of values) {
        lines.push(`${PREFIX}${name}${suffix}${labelSet({ ...target, ...labels })} ${numeral(value)}`);
      }
    }
  };
  add('success', 'Whether the smoke test passed.', [[{}, Number(report.passed)]]);
  add('exit_code', 'Exit code of the smoke test, which identifies the kind of failure.', [
    [{}, report.exitCode],
  ]);
  add('failure_info', 'Reason why the smoke test failed; absent if it passed.', [
    ...(failure ? [[{ check: failure.check ?? '', code: failure.code }, 1] as const] : []),
  ]);
  add('start_timestamp_seconds', 'Start time of the smoke test.', [
    [{}, Date.parse(report.startedAt) / 1000],
  ]);
  add('duration_seconds', 'Duration of the smoke test.', [[{}, report.durationMs / 1000]]);
  const ran = checks.filter(({ outcome }) => outcome === 'passed' || outcome === 'failed');
  add(
    'check_success',
    'Whether a check passed; absent if it did not run.',
    ran.map(({ name, outcome }) => [{ check: name }, Number(outcome === 'passed')]),
  );
  add(
    'check_duration_seconds',
    'Duration of a check; absent if it did not run.',
    ran.map(({ name, durationMs }) => [{ check: name }, durationMs / 1000]),
  );
  if (certificate) {
    const { validFrom, validTo, protocol: version, cipher } = certificate;
    add('certificate_not_before_timestamp_seconds', 'Start of the validity of the served certificate.', [
      [{}, Date.parse(validFrom) / 1000],
    ]);
    add('certificate_expiry_timestamp_seconds', 'End of the validity of the served certificate.', [
      [{}, Date.parse(validTo) / 1000],
    ]);
    add('tls_info', 'TLS version and cipher of the connection.', [[{ version, cipher }, 1]]);
  }
  if (latency) {
    add('first_call_seconds', 'Latency of the first call, which may include a cold start.', [
      [{}, latency.firstMs / 1000],
    ]);
  }
  if (latency?.warm) {
    const { count, meanMs, p50Ms, p95Ms, p99Ms, requestsPerSecond } = latency.warm;
    add(
      'warm_calls_seconds',
      'Latency of the calls after the warm-up.',
      [
        [{ quantile: '0.5' }, p50Ms / 1000],
        [{ quantile: '0.95' }, p95Ms / 1000],
        [{ quantile: '0.99' }, p99Ms / 1000],
        [{}, (meanMs * count) / 1000, '_sum'],
        [{}, count, '_count'],
      ],
      'summary',
    );
    add('requests_per_second', 'Throughput of the calls after the warm-up, in requests per second.', [
      [{}, requestsPerSecond],
    ]);
  }
  const files = byFile(samples);
  add(
    'sample_success',
    'Whether the answer to a sample was as expected.',
    files.map(([file, { passed }]) => [{ sample: file }, Number(passed)]),
  );
  add(
    'sample_top_probability',
    'Probability of the most probable class.',
    files.flatMap(([file, { topClasses }]) =>
      topClasses?.length ? [[{ sample: file }, topClasses[0].probability]] : [],
    ),
  );
  add(
    'sample_drift',
    'Largest difference from a number in the baseline.',
    files.flatMap(([file, { drift }]) => (drift === undefined ? [] : [[{ sample: file }, drift]])),
  );
  return `${lines.join('\n')}\n`;
}

/** Returns one sample per file, a wrong one if any, because Prometheus rejects a file that contains a series twice. */
function byFile(samples: readonly SmokeTestSampleReport[]): [string, SmokeTestSampleReport][] {
  const files = new Map<string, SmokeTestSampleReport>();
  for (const sample of samples) {
    if (files.get(sample.path)?.passed ?? true) {
      files.set(sample.path, sample);
    }
  }
  return [...files];
}

function labelSet(labels: Labels): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escape(value)}"`)
    .join(',')}}`;
}

/** Escapes the value of a label. */
function escape(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n').replace(/\r/g, ' ');
}

function numeral(value: number): string {
  if (Number.isNaN(value)) {
    return 'NaN';
  }
  return Number.isFinite(value) ? String(Number(value.toPrecision(12))) : value > 0 ? '+Inf' : '-Inf';
}
