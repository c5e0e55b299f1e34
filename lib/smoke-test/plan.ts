import { formatAddress } from '../client/address';
import type { SmokeTestExpectation, SmokeTestOptions } from './smoke-test-options';
import { sampleName } from './sample-name';

/** What a test would do, a line a stage, for those who want to see it before. */
export function describePlan(options: SmokeTestOptions): string {
  const { target, samples, warm = {}, minimumDaysToExpiry, baseline } = options;
  const { host, port, tls, protocol = 'grpc', connectTo, serverName } = target;
  const key = target.keyFile ?? target.key;
  const calls =
    warm.durationMs === undefined
      ? `${Math.max(warm.count ?? 5, samples.length - 1)} calls`
      : `calls for ${warm.durationMs / 1000} s`;
  const lines = [
    ['dns', connectTo === undefined ? host : `none: ${host} is taken for ${connectTo}`],
    ['tcp', `port ${port}`],
    [
      'tls',
      tls
        ? `certificate for ${serverName ?? host}` +
          (minimumDaysToExpiry === undefined ? '' : `, valid for ${minimumDaysToExpiry} days at least`)
        : 'none',
    ],
    [
      'health',
      `within ${(options.readyTimeoutMs ?? 300_000) / 1000} s` +
        (target.modelVersion === undefined ? '' : `, model version ${target.modelVersion}`),
    ],
    [
      'authentication',
      key === undefined || !tls ? 'without a key' : 'with the key; without one and with a wrong one refused',
    ],
    ['first-score', samples.length > 0 ? sampleName(samples[0].path) : 'no sample'],
    [
      'warm-scores',
      `${calls}${(warm.concurrency ?? 1) > 1 ? `, ${warm.concurrency ?? 1} at once` : ''}` +
        ((warm.warmUp ?? 0) > 0 ? `, after ${warm.warmUp ?? 0} that do not count` : ''),
    ],
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
  ];
  const scheme = protocol === 'http' ? (tls ? 'https' : 'http') : `gRPC ${tls ? 'over TLS' : 'without TLS'}`;
  return (
    `${scheme} to ${formatAddress(target)}, ${samples.length} sample${samples.length === 1 ? '' : 's'}\n` +
    lines.map(([stage, what]) => `  ${stage.padEnd(14)}  ${what}\n`).join('')
  );
}

function describeExpectation(expected: SmokeTestExpectation): string {
  const said = Object.entries(expected).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return said.length > 0 ? said.join(', ') : 'an answer, whatever it says';
}
