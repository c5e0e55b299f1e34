import type { SmokeTestReport, SmokeTestSampleReport } from '../smoke-test-report';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number, suffix?: '_sum' | '_count'];

const PREFIX = 'cdktf_brainwave_smoke_test_';

/**
 * The report in Prometheus' text format 0.0.4, for the textfile collector of its node exporter. Every sample names the
 * target, so that the files of several tests can lie in one folder.
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
  add('exit_code', "The smoke test's exit code: the kind of its failure.", [[{}, report.exitCode]]);
  add('failure_info', 'Why the smoke test failed; absent where it passed.', [
    ...(failure ? [[{ check: failure.check ?? '', code: failure.code }, 1] as const] : []),
  ]);
  add('start_timestamp_seconds', 'When the smoke test began.', [[{}, Date.parse(report.startedAt) / 1000]]);
  add('duration_seconds', 'How long the smoke test took.', [[{}, report.durationMs / 1000]]);
  const ran = checks.filter(({ outcome }) => outcome === 'passed' || outcome === 'failed');
  add(
    'check_success',
    'Whether a check passed; absent where it did not run.',
    ran.map(({ name, outcome }) => [{ check: name }, Number(outcome === 'passed')]),
  );
  add(
    'check_duration_seconds',
    'How long a check took; absent where it did not run.',
    ran.map(({ name, durationMs }) => [{ check: name }, durationMs / 1000]),
  );
  if (certificate) {
    const { validFrom, validTo, protocol: version, cipher } = certificate;
    add('certificate_not_before_timestamp_seconds', 'From when the served certificate is valid.', [
      [{}, Date.parse(validFrom) / 1000],
    ]);
    add('certificate_expiry_timestamp_seconds', 'Until when the served certificate is valid.', [
      [{}, Date.parse(validTo) / 1000],
    ]);
    add('tls_info', "The connection's TLS.", [[{ version, cipher }, 1]]);
  }
  if (latency) {
    add('first_call_seconds', 'How long the first score took, a cold one.', [[{}, latency.firstMs / 1000]]);
  }
  if (latency?.warm) {
    const { count, meanMs, p50Ms, p95Ms, p99Ms, requestsPerSecond } = latency.warm;
    add(
      'warm_calls_seconds',
      'How long the scores after the warm-up took.',
      [
        [{ quantile: '0.5' }, p50Ms / 1000],
        [{ quantile: '0.95' }, p95Ms / 1000],
        [{ quantile: '0.99' }, p99Ms / 1000],
        [{}, (meanMs * count) / 1000, '_sum'],
        [{}, count, '_count'],
      ],
      'summary',
    );
    add('requests_per_second', 'Scores a second, of those after the warm-up.', [[{}, requestsPerSecond]]);
  }
  const files = byFile(samples);
  add(
    'sample_success',
    'Whether the answer to a sample was as expected.',
    files.map(([file, { passed }]) => [{ sample: file }, Number(passed)]),
  );
  add(
    'sample_top_probability',
    'The probability of the first class.',
    files.flatMap(([file, { topClasses }]) =>
      topClasses?.length ? [[{ sample: file }, topClasses[0].probability]] : [],
    ),
  );
  add(
    'sample_drift',
    "The largest difference from the baseline's numbers.",
    files.flatMap(([file, { drift }]) => (drift === undefined ? [] : [[{ sample: file }, drift]])),
  );
  return `${lines.join('\n')}\n`;
}

/** One a file, a wrong one where there is one: Prometheus refuses a file that has a series twice. */
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

/** Escapes a label's value; what is left of control characters would be read as they are, and is of no use. */
function escape(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n').replace(/\r/g, ' ');
}

function numeral(value: number): string {
  if (Number.isNaN(value)) {
    return 'NaN';
  }
  return Number.isFinite(value) ? String(Number(value.toPrecision(12))) : value > 0 ? '+Inf' : '-Inf';
}
