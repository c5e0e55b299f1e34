import { formatAddress } from '../connection/address';
import {
  sampleName,
  type SmokeTestExpectation,
  type SmokeTestOptions,
  type SmokeTestTarget,
} from './smoke-test-options';

/**
 * Describes what a test would do, one line per check.
 * @param reports report files, in addition to standard output
 */
export function describePlan(options: SmokeTestOptions, reports: readonly string[] = []): string {
  const { target, samples, warmCalls = {}, latencyBudget = {}, baseline, reference, labels } = options;
  const { port, plaintext, protocol = 'grpc', modelName, modelVersion, deployment } = target;
  const { count = 5, durationSeconds, concurrency = 1, warmUp = 0 } = warmCalls;
  const key = target.keyFile ?? target.key;
  const lines = [
    ['dns', describeRecord(options)],
    ['tcp', `port ${port}`],
    ['tls', plaintext ? 'none' : describeCertificate(options)],
    [
      'health',
      [
        `within ${options.readyTimeoutSeconds ?? 300} s`,
        deployment === undefined ? '' : `deployment ${deployment}`,
        modelName === undefined ? '' : `model ${modelName}`,
        modelVersion === undefined ? '' : `model version ${modelVersion}`,
      ]
        .filter((part) => part !== '')
        .join(', '),
    ],
    [
      'authentication',
      key === undefined || plaintext
        ? 'without a key'
        : 'accepts the key; rejects calls with no key and with a wrong key',
    ],
    ...(options.callTimeoutSeconds === undefined
      ? []
      : [['calls', `each within ${options.callTimeoutSeconds} s`]]),
    ['first-call', samples.length > 0 ? sampleName(samples[0].path) : 'no sample'],
    [
      'warm-calls',
      (durationSeconds === undefined
        ? `${Math.max(count, samples.length - 1)} calls`
        : `calls for ${durationSeconds} s`) +
        (concurrency > 1 ? `, ${concurrency} in parallel` : '') +
        (warmUp > 0 ? `, after ${warmUp} unmeasured calls` : ''),
    ],
    ...(labels ? [['expectations', `${labels.length} labels`]] : []),
    ...samples.map(({ path, expect }) => [
      'expectations',
      `${sampleName(path)}: ${describeExpectation(expect ?? options.expect ?? {})}`,
    ]),
    ...Object.entries(latencyBudget).map(([name, value]) => ['expectations', `${name} ${String(value)}`]),
    ...(baseline
      ? [['expectations', `${options.updateBaseline ? 'recorded in' : 'compared with'} ${baseline.file}`]]
      : []),
    ...(reference ? [['expectations', `compared with ${formatAddress(reference.target)}`]] : []),
    ...reports.map((report) => ['report', report]),
  ];
  const scheme =
    protocol === 'http'
      ? plaintext
        ? 'http'
        : 'https'
      : `${protocol === 'rest' ? 'REST' : 'gRPC'} ${plaintext ? 'without TLS' : 'over TLS'}`;
  return (
    `${scheme} to ${formatAddress(target)}, ${samples.length} sample${samples.length === 1 ? '' : 's'}\n` +
    lines.map(([check, what]) => `  ${check.padEnd(14)}  ${what}\n`).join('')
  );
}

function describeRecord({ target, resolvers = [] }: SmokeTestOptions): string {
  const { host, connectTo, expectedAddress } = target;
  if (connectTo !== undefined) {
    return `none: connects to ${connectTo} instead of looking up ${host}`;
  }
  return (
    host +
    (expectedAddress === undefined ? '' : `, must resolve to ${expectedAddress} only`) +
    (resolvers.length > 0 ? `, also on ${resolvers.join(', ')}` : '')
  );
}

function describeCertificate({
  target,
  minimumDaysToExpiry,
}: Pick<SmokeTestOptions, 'minimumDaysToExpiry'> & { readonly target: SmokeTestTarget }): string {
  const { host, serverName, certificateFile, rootCertificateFile, clientCertificateFile } = target;
  return (
    `certificate for ${serverName ?? host}` +
    (certificateFile === undefined ? '' : `, the one in ${certificateFile}`) +
    (rootCertificateFile === undefined ? '' : `, trusted by ${rootCertificateFile}`) +
    (minimumDaysToExpiry === undefined ? '' : `, valid for at least ${minimumDaysToExpiry} days`) +
    (clientCertificateFile === undefined ? '' : `; presents ${clientCertificateFile}`)
  );
}

function describeExpectation(expected: SmokeTestExpectation): string {
  const parts = Object.entries(expected).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return parts.length > 0 ? parts.join(', ') : 'any answer';
}
