import type { SmokeTestReport } from '../smoke-test-report';

/** The report as JSON, as schemas/smoke-test-report.schema.json of this package describes it. */
export function jsonReport(report: SmokeTestReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
