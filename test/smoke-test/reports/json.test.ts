import { spawnSync } from 'node:child_process';
import path from 'node:path';

import { jsonReport } from '../../../lib/smoke-test/reports/write-reports';
import type { SmokeTestReport } from '../../../lib/smoke-test/smoke-test-report';
import { reportJsonSchema } from '../../../scripts/smoke-test-report-schema/report-schema';
import { problemsOf, schema, schemaFile } from './published-schema';
import { cat, httpReport, passedReport, untrustedReport, wrongAnswerReport } from './sample-reports';

function read(report: SmokeTestReport): Record<string, unknown> {
  return JSON.parse(jsonReport(report)) as Record<string, unknown>;
}

describe('the JSON report', () => {
  it.each([
    ['a pass over gRPC', passedReport()],
    ['a failure of TLS', untrustedReport()],
    ['a wrong answer', wrongAnswerReport()],
    ['a pass over HTTP', httpReport()],
    [
      'a model that answers no numbers',
      passedReport({ samples: [{ ...cat, drift: NaN, topClasses: [{ classIndex: 0, probability: NaN }] }] }),
    ],
  ])('keeps to the published schema: %s', (_, report) => {
    expect(problemsOf(read(report))).toEqual([]);
  });

  it('reads back as the report that it was', () => {
    expect(read(wrongAnswerReport())).toEqual(wrongAnswerReport());
  });

  it.each([
    [
      'a field that is not in it',
      { ...read(passedReport()), extra: 1 },
      ' must NOT have additional properties',
    ],
    [
      'a field that is not in a part of it',
      { ...read(passedReport()), model: { name: 'm', versions: [], key: 'k' } },
      '/model must NOT have additional properties',
    ],
    [
      'another version',
      { ...read(passedReport()), schemaVersion: 2 },
      '/schemaVersion must be equal to constant',
    ],
    ['no verdict', { ...read(passedReport()), passed: undefined }, " must have required property 'passed'"],
  ])('is not %s, by the schema', (_, report, problem) => {
    expect(problemsOf(JSON.parse(JSON.stringify(report)))).toEqual([problem]);
  });
});

describe('the published schema', () => {
  it('is what `npm run generate:report-schema` writes', () => {
    expect(schema).toEqual(reportJsonSchema());
  });

  it('is found by its name in the package', () => {
    const script = "process.stdout.write(require.resolve('cdktf-brainwave/smoke-test-report.schema.json'))";
    const found = spawnSync(process.execPath, ['-e', script], {
      cwd: path.dirname(schemaFile),
      encoding: 'utf8',
    });
    expect(found.stdout).toBe(schemaFile);
  });
});
