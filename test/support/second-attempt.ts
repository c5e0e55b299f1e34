// Tests of real sockets, processes and clocks meet machines that do something else for seconds. The pipeline must not
// be stopped by one of those, nor hide it: results-reporter.js names each test that passed at its second attempt.
if (process.env.CI === 'true') {
  jest.retryTimes(1, { logErrorsBeforeRetry: true });
}
