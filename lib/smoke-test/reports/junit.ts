import junit, { type TestCase } from 'junit-report-builder';

import type { SmokeTestReport, SmokeTestSampleReport, SmokeTestCheck } from '../smoke-test-report';
import { describeTarget } from './describe';

/**
 * Formats the report as JUnit XML, for GitHub, Azure DevOps, GitLab and Jenkins: a suite for the target, with a test case
 * per check and per sample. Checks that did not run count as skipped.
 */
export function junitReport(report: SmokeTestReport): string {
  const target = describeTarget(report.target);
  const builder = junit.newBuilder();
  const suite = builder
    .testSuite()
    .name(`smoke test of ${target}`)
    // Without a time zone, because the format's schema does not allow one; readers assume UTC.
    .timestamp(new Date(report.startedAt).toISOString().slice(0, 19))
    .time(seconds(report.durationMs));
  const { host, port } = report.target;
  // Readers interpret the part before the last dot as a package.
  const className = `smoke-test.${`${host}:${port}`.replace(/\./g, '_')}`;
  for (const check of report.checks) {
    const testCase = suite.testCase().className(className).name(check.name).time(seconds(check.durationMs));
    writeCheck(testCase, check);
  }
  for (const sample of report.samples) {
    // Their time is included in the time of a check and must not be counted twice.
    const testCase = suite.testCase().className(`${className}-samples`).name(sample.name).time(0);
    writeSample(testCase, sample);
  }
  if (report.failure && report.failure.check === undefined) {
    const { message, code } = report.failure;
    suite.testCase().className(className).name('preparation').time(0).failure(message, code);
  }
  return `${builder.build()}\n`;
}

function writeCheck(testCase: TestCase, { outcome, detail, code, reason, remedy }: SmokeTestCheck): void {
  switch (outcome) {
    case 'passed':
      testCase.standardOutput(characterData(detail));
      return;
    case 'failed':
      testCase
        .failure(detail, [code ?? 'FAILED', reason].filter((part) => part !== undefined).join(': '))
        .stacktrace(characterData(remedy === undefined ? detail : `${detail}\nto fix it: ${remedy}`));
      return;
    case 'skipped':
    case 'not-run':
      testCase.skipped().standardOutput(characterData(detail));
  }
}

function writeSample(testCase: TestCase, { passed, detail, path, topClasses }: SmokeTestSampleReport): void {
  const classes = (topClasses ?? []).map(
    ({ label, classIndex, probability }) => `${probability.toFixed(4)} ${label ?? `class ${classIndex}`}`,
  );
  testCase.standardOutput(characterData([path, detail, ...classes].join('\n')));
  if (!passed) {
    testCase.failure(detail, 'EXPECTATION_FAILED');
  }
}

/**
 * Returns text for a CDATA section. The library escapes only the first section end in a text, and it removes characters
 * that XML does not allow, which can result in another one.
 */
function characterData(text: string): string {
  // eslint-disable-next-line no-control-regex -- the pattern matches control characters
  return text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '').replace(/\]\]>/g, ']] >');
}

function seconds(milliseconds: number): number {
  return Number((milliseconds / 1000).toFixed(4));
}
