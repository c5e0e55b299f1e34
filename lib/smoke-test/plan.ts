import { formatAddress } from '../connection/address';
import type { SmokeTestExpectation, SmokeTestOptions, SmokeTestTarget } from './smoke-test-options';
import { sampleName } from './sample-name';

/**
 * What a test would do, a line a check, for those who want to see it before.
 * @param reports where it would report to besides standard output
 */
export function describePlan(options: SmokeTestOptions, reports: readonly string[] = []): string {
  const { target, samples, warm = {}, minimumDaysToExpiry, baseline, labels } = options;
  const { port, tls, protocol = 'grpc', model, modelVersion } = target;
  const key = target.keyFile ?? target.key;
  const calls =
    warm.durationMs === undefined
      ? `${Math.max(warm.count ?? 5, samples.length - 1)} calls`
      : `calls for ${warm.durationMs / 1000} s`;
  const lines = [
    ['dns', describeRecord(target)],
    ['tcp', `port ${port}`],
    ['tls', tls ? describeCertificate(target, minimumDaysToExpiry) : 'none'],
    [
      'health',
      `within ${(options.readyTimeoutMs ?? 300_000) / 1000} s` +
        (model === undefined ? '' : `, model ${model}`) +
        (modelVersion === undefined ? '' : `, model version ${modelVersion}`),
    ],
    [
      'authentication',
      key === undefined || !tls ? 'without a key' : 'with the key; without one and with a wrong one refused',
    ],
    ...(options.callTimeoutMs === undefined
      ? []
      : [['calls', `each within ${options.callTimeoutMs / 1000} s`]]),
    ['first-call', samples.length > 0 ? sampleName(samples[0].path) : 'no sample'],
    [
      'warm-calls',
      `${calls}${(warm.concurrency ?? 1) > 1 ? `, ${warm.concurrency ?? 1} at once` : ''}` +
        ((warm.warmUp ?? 0) > 0 ? `, after ${warm.warmUp ?? 0} that do not count` : ''),
    ],
    ...(labels ? [['expectations', `${labels.length} labels`]] : []),
    ...samples.map(({ path, expect }) => [
      'expectations',
      `${sampleName(path)}: ${describeExpectation(expect ?? options.expect ?? {})}`,
    ]),
    ...Object.entries(options.budget ?? {}).map(([name, value]) => [
      'expectations',
      `${name} ${String(value)}`,
    ]),
    ...(baseline
      ? [['expectations', `${baseline.update ? 'recorded in' : 'compared with'} ${baseline.file}`]]
      : []),
    ...reports.map((report) => ['report', report]),
  ];
  const scheme = protocol === 'http' ? (tls ? 'https' : 'http') : `gRPC ${tls ? 'over TLS' : 'without TLS'}`;
  return (
    `${scheme} to ${formatAddress(target)}, ${samples.length} sample${samples.length === 1 ? '' : 's'}\n` +
    lines.map(([check, what]) => `  ${check.padEnd(14)}  ${what}\n`).join('')
  );
}

function describeRecord({ host, connectTo, expectedAddress, resolvers = [] }: SmokeTestTarget): string {
  if (connectTo !== undefined) {
    return `none: ${host} is taken for ${connectTo}`;
  }
  return (
    host +
    (expectedAddress === undefined ? '' : `, expected to be ${expectedAddress} alone`) +
    (resolvers.length > 0 ? `, by ${resolvers.join(', ')}, too` : '')
  );
}

function describeCertificate(
  { host, serverName, certificateFile, rootCertificateFile, clientCertificateFile }: SmokeTestTarget,
  minimumDaysToExpiry: number | undefined,
): string {
  return (
    `certificate for ${serverName ?? host}` +
    (certificateFile === undefined ? '' : `, the one in ${certificateFile}`) +
    (rootCertificateFile === undefined ? '' : `, trusted by ${rootCertificateFile}`) +
    (minimumDaysToExpiry === undefined ? '' : `, valid for ${minimumDaysToExpiry} days at least`) +
    (clientCertificateFile === undefined ? '' : `; shows ${clientCertificateFile}`)
  );
}

function describeExpectation(expected: SmokeTestExpectation): string {
  const said = Object.entries(expected).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return said.length > 0 ? said.join(', ') : 'an answer, whatever it says';
}
