/**
 * The smoke test of a service or an endpoint as a function, with its reports.
 *
 * @module cdktf-brainwave/smoke-test
 */

export { runSmokeTest, smokeTestChecks } from './run-smoke-test';
export type { OptionNames } from '../validation/option-names';
export { optionsOf, readSmokeTestFile, type SmokeTestFile } from './smoke-test-file';
export { SmokeTestError, SmokeTestOptionError, type SmokeTestFailureCode } from './smoke-test-error';
export type {
  LatencyBudget,
  Rollout,
  SmokeTestBaseline,
  SmokeTestExpectation,
  SmokeTestOptions,
  SmokeTestReference,
  SmokeTestSample,
  SmokeTestSettings,
  SmokeTestTarget,
  WarmCalls,
} from './smoke-test-options';
export type {
  DnsReport,
  LatencyReport,
  ServedCertificateReport,
  SmokeTestProtocol,
  SmokeTestReport,
  SmokeTestSampleReport,
  SmokeTestCheck,
  SmokeTestCheckName,
  SmokeTestEvent,
} from './smoke-test-report';
export { consoleReport, type ConsoleReport } from './reports/console-report';
export { writeGithubReport, type GithubReportOptions } from './reports/github';
export { ReportWriteError } from './reports/report-format';
export type { TopClassesStyle } from '../report/top-classes';
export { checkLine, failureLines } from './reports/result-lines';
export { TextReport, type TextReportOptions } from './reports/text';
export { REPORT_FORMATS as reportFormats, type ReportFormat } from './reports/report-format';
export { writeReports, type ReportOutput } from './reports/write-reports';
