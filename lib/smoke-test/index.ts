/**
 * The smoke test of a service or an endpoint as a function, with its reports.
 *
 * @module cdktf-brainwave/smoke-test
 */

export { checkAnswer, requireJsonPath, type AnswerExpectation } from './answer-expectation';
export type { BaselineOptions } from './baseline';
export type { ClassExpectation } from './class-expectation';
export { runSmokeTest, smokeTestChecks } from './run-smoke-test';
export { optionsOf, readSmokeTestFile, type SmokeTestFile } from './smoke-test-file';
export { SmokeTestError, type SmokeTestFailureCode } from './smoke-test-error';
export type { SmokeTestEvent } from './smoke-test-event';
export type {
  SmokeTestExpectation,
  SmokeTestOptions,
  SmokeTestSample,
  SmokeTestTarget,
  WarmCalls,
} from './smoke-test-options';
export type {
  DnsReport,
  LatencyBudget,
  LatencyReport,
  ServedCertificateReport,
  SmokeTestProtocol,
  SmokeTestReport,
  SmokeTestSampleReport,
  SmokeTestCheck,
  SmokeTestCheckName,
} from './smoke-test-report';
export type { Rollout } from './wait-for-rollout';
export { consoleReport, type ConsoleReport } from './reports/console-report';
export { writeGithubReport, type GithubReportOptions } from './reports/github';
export { ReportWriteError } from './reports/report-write-error';
export { TextReport, type TextReportOptions } from './reports/text';
export { REPORT_FORMATS as reportFormats, type ReportFormat } from './reports/report-format';
export { writeReports, type ReportOutput } from './reports/write-reports';
