/** The flag of `cdktf-brainwave smoke-test` that sets each option. */
const flagsOfOptions: Readonly<Record<string, string>> = {
  readyTimeoutMs: '--ready-timeout',
  callTimeoutMs: '--timeout',
  minimumDaysToExpiry: '--min-days',
  'warm.count': '--count',
  'warm.durationMs': '--duration',
  'warm.concurrency': '--concurrency',
  'warm.warmUp': '--warm-up',
  'budget.p50Ms': '--max-p50',
  'budget.p95Ms': '--max-p95',
  'budget.p99Ms': '--max-p99',
  'budget.minimumRequestsPerSecond': '--min-throughput',
  'baseline.tolerance': '--tolerance',
  'expect.label': '--expect-label',
  'expect.classIndex': '--expect-class',
  'expect.top': '--top',
  'expect.minimumProbability': '--minimum-probability',
  'expect.jsonPath': '--json-path',
  'expect.equalTo': '--equals',
  'expect.argmax': '--argmax',
  modelVersion: '--model-version',
  expectedAddress: '--expect-address',
  rootCertificateFile: '--root-certificate',
  certificateFile: '--certificate',
  clientCertificateFile: '--client-certificate',
  clientKeyFile: '--client-key',
  'give labels': 'give --labels',
};

const options = new RegExp(
  `(?<![\\w."])(?:${Object.keys(flagsOfOptions)
    .map((name) => name.replace('.', '\\.'))
    .join('|')})(?![\\w."])`,
  'g',
);

/** What the engine says of its options, said of the flags: whoever types a command never saw the options. */
export function nameFlags(message: string): string {
  return message.replace(options, (name) => flagsOfOptions[name]);
}
