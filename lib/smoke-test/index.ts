export { checkAnswer, requireJsonPath, type AnswerExpectation } from './answer-expectation';
export type { EndpointSmokeTestReport } from './endpoint-smoke-test-report';
export { writeJsonReport } from './json-report';
export {
  runEndpointSmokeTest,
  type EndpointSmokeTestOptions,
  type EndpointTarget,
} from './run-endpoint-smoke-test';
export { runSmokeTest } from './run-smoke-test';
export { SmokeTestError, type SmokeTestFailureCode } from './smoke-test-error';
export type {
  Expectation,
  SmokeTestEvent,
  SmokeTestOptions,
  SmokeTestStage,
  SmokeTestStageName,
  SmokeTestTarget,
} from './smoke-test-options';
export type { SmokeTestReport } from './smoke-test-report';
export { TextReport, type TextReportOptions } from './text-report';
