import { stripVTControlCharacters } from 'node:util';

import { failureLines } from '../../../lib/smoke-test/reports/result-lines';
import { TextReport } from '../../../lib/smoke-test/reports/text';
import type { SmokeTestReport } from '../../../lib/smoke-test/smoke-test-report';
import {
  cat,
  failedReport,
  httpReport,
  passedReport,
  checks,
  untrustedReport,
  wrongAnswerReport,
} from './sample-reports';

function textReport({ color = false } = {}) {
  const written: string[] = [];
  const report = new TextReport({ write: (text) => written.push(text), width: 80, color });
  return { report, text: () => written.join(''), lines: () => written.join('').split('\n').slice(0, -1) };
}

function resultOf(result: SmokeTestReport): string[] {
  const { report, lines } = textReport();
  report.finish(result);
  return lines();
}

describe("a smoke test's plain lines", () => {
  it('are one a check, as it ends', () => {
    const { report, lines } = textReport();
    for (const check of checks().slice(0, 3)) {
      report.onEvent({ kind: 'check-started', check: check.name });
      report.onEvent({ kind: 'check-ended', check });
    }
    expect(lines()).toEqual([
      '✓ dns (38 ms): scoring.example.com is 203.0.113.7 on the system resolver and on 9.9.9.9',
      '✓ tcp (13 ms): 203.0.113.7:443 accepts connections',
      '✓ tls (25 ms): TLSv1.3; the certificate covers scoring.example.com and has 61 days left',
    ]);
  });

  it('mark what failed and what was skipped, and omit what did not run', () => {
    const { report, lines } = textReport();
    const [first, second, third] = checks();
    report.onEvent({ kind: 'check-ended', check: { ...first, outcome: 'failed' } });
    report.onEvent({ kind: 'check-ended', check: { ...second, outcome: 'skipped' } });
    report.onEvent({ kind: 'check-ended', check: { ...third, outcome: 'not-run' } });
    expect(lines().map((line) => line.slice(0, 5))).toEqual(['✗ dns', '– tcp']);
  });

  it('report what it waits for, at once and then every two seconds', () => {
    const { report, lines } = textReport();
    const wait = (elapsedMs: number) => {
      const reason = 'the model is loading';
      report.onEvent({ kind: 'waiting', check: 'health', elapsedMs, timeoutMs: 300_000, reason });
    };
    report.onEvent({ kind: 'check-started', check: 'health' });
    [0, 500, 1000, 2100, 3000, 4200].forEach(wait);
    report.onEvent({ kind: 'check-started', check: 'first-call' });
    wait(100);
    expect(lines()).toEqual([
      '… waiting (0 s): the model is loading',
      '… waiting (2 s): the model is loading',
      '… waiting (4 s): the model is loading',
      '… waiting (0 s): the model is loading',
    ]);
  });

  it('end with the classes as bars, the latency, the certificate and the verdict', () => {
    const lines = resultOf(passedReport());
    expect(lines[0]).toBe('chelsea.png');
    expect(lines[1]).toMatch(/^ {2}tiger cat {5}█+.? +52\.1 %$/);
    expect(lines.at(-3)).toMatch(
      /^latency first 180\.4 ms, then p50 21\.4 ms, p95 32\.0 ms, p99 41\.7 ms, 151\.4 requests\/s \(200 calls, 4 at a time\) █[▁-█]+$/,
    );
    expect(lines.at(-2)).toBe(
      "certificate CN=scoring.example.com, issued by C=US, O=Let's Encrypt, CN=R11, TLSv1.3, until 2026-05-04: 61 days left",
    );
    expect(lines.at(-1)).toBe('smoke test passed');
  });

  it('report why it failed and how to fix it', () => {
    expect(resultOf(untrustedReport())).toEqual([
      'smoke test failed: the certificate of scoring.example.com is signed by an authority that is not trusted; ' +
        "trust the authority's certificate with --root-certificate-file",
    ]);
  });

  it('report which image is wrong, the wrong ones first and not hundreds of right ones', () => {
    const wrong = wrongAnswerReport().samples[0];
    const lines = resultOf(passedReport({ samples: [...Array.from({ length: 20 }, () => cat), wrong] }));
    expect(lines[6]).toBe('  ✗ predicted "tiger cat" (52.1 %); expected "lynx", which has rank 4');
    expect(lines.filter((line) => line === 'chelsea.png')).toHaveLength(8);
    expect(lines).toContain('… and 13 more samples');
  });

  it('report what an endpoint answered, and its latency without warm calls', () => {
    expect(resultOf(httpReport())).toEqual([
      'request.json got [0.1,0.9] at $.predictions[0]',
      'latency first 12.3 ms',
      'smoke test passed',
    ]);
  });

  it.each([
    [3, '3 days left'],
    [-2, 'expired 2 days ago'],
  ])('report when the certificate expires: %d', (daysToExpiry, text) => {
    const { certificate } = passedReport();
    expect(resultOf(passedReport({ certificate: { ...certificate!, daysToExpiry } })).at(-2)).toContain(text);
  });

  it('show the same in color', () => {
    const plain = textReport();
    const colored = textReport({ color: true });
    for (const { report } of [plain, colored]) {
      checks().forEach((check) => {
        report.onEvent({ kind: 'check-ended', check });
      });
      report.finish(wrongAnswerReport());
    }
    expect(colored.text()).not.toBe(plain.text());
    expect(stripVTControlCharacters(colored.text())).toBe(plain.text());
  });

  it('hold nothing that a terminal or a CI runner obeys, whatever a service says', () => {
    const hostile = 'a\u001b[2J\u009b31m\u0007\r\n::add-mask::x\u202eb';
    const { report, text, lines } = textReport();
    const { certificate } = passedReport();
    const result = failedReport(
      'expectations',
      { detail: hostile, code: 'EXPECTATION_FAILED', remedy: hostile },
      {
        samples: [
          {
            ...cat,
            name: hostile,
            passed: false,
            detail: hostile,
            topClasses: [{ classIndex: 0, label: hostile, probability: 1 }],
          },
          { ...httpReport().samples[0], name: hostile, detail: hostile },
        ],
        certificate: { ...certificate!, subject: hostile, issuer: hostile },
      },
    );
    report.onEvent({ kind: 'waiting', check: 'health', elapsedMs: 0, timeoutMs: 1, reason: hostile });
    report.onEvent({ kind: 'check-ended', check: result.checks.at(-1)! });
    report.finish(result);
    // eslint-disable-next-line no-control-regex -- they are what is looked for
    expect(text()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(lines().filter((line) => line.startsWith('::'))).toEqual([]);
    expect(text()).toContain('a?[2J?31m? ::add-mask::x?b');
  });
});

describe('the lines of a failed test whose whole output is repeated', () => {
  it('give the reason first and only there, and then the checks and the samples', () => {
    const text = failureLines(wrongAnswerReport(), { width: 80, color: false });

    const lines = text.split('\n');
    expect(lines[0]).toMatch(
      /^smoke test failed: .*chelsea\.png: predicted "tiger cat" .*correct the expectation$/,
    );
    expect(text.match(/expected "lynx"/g)).toHaveLength(1);
    expect(lines[1]).toMatch(/^✓ dns \(38 ms\): /);
    expect(lines).toContain('✗ expectations (0 ms)');
    expect(lines).toContain('chelsea.png');
  });
});
