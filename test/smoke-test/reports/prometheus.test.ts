import fc from 'fast-check';

import { prometheusReport } from '../../../lib/smoke-test/reports/prometheus';
import { cat, passedReport, untrustedReport, wrongAnswerReport } from './sample-reports';

interface Series {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly value: string;
}

/** Reads the text format as its specification says, and fails on what it does not. */
function read(text: string): Series[] {
  expect(text.endsWith('\n')).toBe(true);
  const declared = new Set<string>();
  return text
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      if (/^# HELP \w+ [^\\]+$/.test(line)) {
        return [];
      }
      const type = /^# TYPE (\w+) (?:gauge|summary)$/.exec(line)?.[1];
      if (type !== undefined) {
        expect(declared).not.toContain(type);
        declared.add(type);
        return [];
      }
      const [, name, labels, value] = /^(\w+)\{((?:\w+="(?:[^"\\\n]|\\[\\"n])*",?)*)\} (\S+)$/.exec(line)!;
      expect([name, name.replace(/_(sum|count)$/, '')].some((each) => declared.has(each))).toBe(true);
      return [{ name: name, labels: readLabels(labels), value: value }];
    });
}

function readLabels(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/(\w+)="((?:[^"\\\n]|\\[\\"n])*)"/g)];
  const unescape = (value: string) =>
    value.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
  return Object.fromEntries(pairs.map(([, name, value]) => [name, unescape(value)]));
}

function valueOf(text: string, name: string, labels: Record<string, string> = {}): number | undefined {
  const found = read(text).find(
    (series) =>
      series.name === `cdktf_brainwave_smoke_test_${name}` &&
      Object.entries(labels).every(([label, value]) => series.labels[label] === value),
  );
  return found && Number(found.value);
}

describe('the Prometheus report', () => {
  const passed = prometheusReport(passedReport());

  it.each([
    ['whether it passed', 'success', {}, 1],
    ['when it began', 'start_timestamp_seconds', {}, 1772600767.89],
    ['how long a check took', 'check_duration_seconds', { check: 'health' }, 2.1403],
    ['whether a check passed', 'check_success', { check: 'tls' }, 1],
    ['when the certificate expires', 'certificate_expiry_timestamp_seconds', {}, 1777871167],
    ['how long the first score took', 'first_call_seconds', {}, 0.1804],
    ['the median', 'warm_calls_seconds', { quantile: '0.5' }, 0.0214],
    ['the 95th percentile', 'warm_calls_seconds', { quantile: '0.95' }, 0.032],
    ['the 99th percentile', 'warm_calls_seconds', { quantile: '0.99' }, 0.0417],
    ['how many warm scores there were', 'warm_calls_seconds_count', {}, 200],
    ['the throughput', 'requests_per_second', {}, 151.4],
    ['whether a sample is right', 'sample_success', { sample: cat.path }, 1],
    ['how sure the model is', 'sample_top_probability', { sample: cat.path }, 0.521],
    ['the drift', 'sample_drift', { sample: cat.path }, 0.000012],
  ])('says %s', (_, name, labels, value) => {
    expect(valueOf(passed, name, labels)).toBe(value);
  });

  it('names the target in every series', () => {
    expect(
      read(passed).every(({ labels }) => labels.host === 'scoring.example.com' && labels.port === '443'),
    ).toBe(true);
  });

  it('reports why it failed, and nothing of the checks that did not run', () => {
    const text = prometheusReport(untrustedReport());
    expect(valueOf(text, 'success')).toBe(0);
    expect(valueOf(text, 'exit_code')).toBe(4);
    expect(valueOf(text, 'failure_info', { check: 'tls', code: 'CERTIFICATE' })).toBe(1);
    expect(valueOf(text, 'check_success', { check: 'tls' })).toBe(0);
    expect(valueOf(text, 'check_success', { check: 'health' })).toBeUndefined();
  });

  it('has each series once, also where a file was tested twice: then the wrong answer counts', () => {
    const wrong = wrongAnswerReport().samples[0];
    for (const samples of [
      [cat, wrong],
      [wrong, cat],
    ]) {
      const text = prometheusReport(passedReport({ samples }));
      const names = read(text).map(({ name, labels }) => name + JSON.stringify(labels));
      expect(new Set(names).size).toBe(names.length);
      expect(valueOf(text, 'sample_success', { sample: cat.path })).toBe(0);
    }
  });

  it('can be read whatever a file is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (path) => {
        const text = prometheusReport(passedReport({ samples: [{ ...cat, path }] }));
        expect(valueOf(text, 'sample_success', { sample: path.replace(/\r/g, ' ') })).toBe(1);
      }),
    );
  });

  it('writes NaN where a model answers none', () => {
    const topClasses = [{ classIndex: 0, probability: NaN }];
    const text = prometheusReport(passedReport({ samples: [{ ...cat, topClasses }] }));
    expect(valueOf(text, 'sample_top_probability')).toBeNaN();
  });
});
