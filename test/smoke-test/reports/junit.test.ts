import { junitReport } from '../../../lib/smoke-test/reports/junit';
import { failedReport, httpReport, passedReport, untrustedReport, wrongAnswerReport } from './sample-reports';

interface TestCase {
  readonly name: string;
  readonly className: string;
  readonly time: string;
  readonly content: string;
}

function suiteOf(xml: string): string {
  return /<testsuite .*?>/.exec(xml)![0];
}

function testCasesOf(xml: string): TestCase[] {
  const pattern = /<testcase classname="(.*?)" name="(.*?)" time="(.*?)">(.*?)<\/testcase>/gs;
  return [...xml.matchAll(pattern)].map(([, className, name, time, content]) => ({
    className: className,
    name: name,
    time: time,
    content: content,
  }));
}

function testCaseOf(xml: string, name: string): TestCase {
  return testCasesOf(xml).find((testCase) => testCase.name === name)!;
}

describe('the JUnit report', () => {
  it('is a suite for the target, with a test case a check and a sample', () => {
    const xml = junitReport(passedReport());
    expect(suiteOf(xml)).toBe(
      '<testsuite name="smoke test of grpc://scoring.example.com:443 with TLS" timestamp="2026-03-04T05:06:07" ' +
        'time="3.7271" tests="10" failures="0" errors="0" skipped="0">',
    );
    expect(testCasesOf(xml).map(({ name }) => name)).toEqual([
      'dns',
      'tcp',
      'tls',
      'health',
      'authentication',
      'first-call',
      'warm-calls',
      'expectations',
      'chelsea.png',
      'coffee.png',
    ]);
  });

  it('has times in seconds', () => {
    expect(testCaseOf(junitReport(passedReport()), 'health').time).toBe('2.1403');
  });

  it('groups by target, which has no dots that a reader takes for a package', () => {
    const xml = junitReport(passedReport());
    expect(testCaseOf(xml, 'tls').className).toBe('smoke-test.scoring_example_com:443');
    expect(testCaseOf(xml, 'chelsea.png').className).toBe('smoke-test.scoring_example_com:443-samples');
  });

  it('shows a failure with its kind and its remedy, and what did not run as skipped', () => {
    const xml = junitReport(untrustedReport());
    expect(suiteOf(xml)).toContain('tests="8" failures="1" errors="0" skipped="5"');
    expect(testCaseOf(xml, 'tls').content).toContain('type="CERTIFICATE: untrusted"');
    expect(testCaseOf(xml, 'tls').content).toContain(
      "to fix it: trust the authority's certificate with --root-certificate-file",
    );
    expect(testCaseOf(xml, 'health').content).toContain('<skipped/>');
    expect(testCaseOf(xml, 'health').content).not.toContain('<failure');
  });

  it('shows a sample that is wrong with what was found', () => {
    const xml = junitReport(wrongAnswerReport());
    expect(testCaseOf(xml, 'chelsea.png').content).toContain('<failure message="predicted');
    expect(testCaseOf(xml, 'chelsea.png').content).toContain('0.5210 tiger cat');
    expect(testCaseOf(xml, 'coffee.png').content).not.toContain('<failure');
  });

  it('skips a check that does not apply', () => {
    expect(testCaseOf(junitReport(httpReport()), 'tls').content).toContain('<skipped/>');
  });

  it('has a failing test case for a test that failed before its first check', () => {
    const report = passedReport({
      passed: false,
      exitCode: 2,
      checks: [],
      samples: [],
      failure: { code: 'SMOKE_TEST_INPUT', message: 'cannot read the image cat.png (ENOENT)' },
    });
    const xml = junitReport(report);
    expect(suiteOf(xml)).toContain('tests="1" failures="1"');
    expect(xml).toContain('message="cannot read the image cat.png (ENOENT)" type="SMOKE_TEST_INPUT"');
  });

  it('omits what XML cannot hold, and escapes what it reads otherwise', () => {
    const detail = 'got "\u0000<b>\u001b[31m" & ]]> from the proxy';
    const xml = junitReport(failedReport('tcp', { detail, code: 'CONNECTION_FAILED' }));
    expect(xml).toContain('message="got &quot;&lt;b');
    // eslint-disable-next-line no-control-regex -- they are what is looked for
    expect(xml).not.toMatch(/[\u0000-\u0008\u001b]/);
    expect(testCasesOf(xml)).toHaveLength(8);
  });
});
