import { isIPv6 } from 'node:net';

import type { LatencyReport, SmokeTestReport } from '../smoke-test-report';

/** Such as `grpc://scoring.example.com:443 with TLS` or `https://scoring.example.com:443/score`. */
export function describeTarget({ protocol, host, port, tls, path = '' }: SmokeTestReport['target']): string {
  const address = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return protocol !== 'grpc'
    ? `http${tls ? 's' : ''}://${address}${path}`
    : `grpc://${address} ${tls ? 'with' : 'without'} TLS`;
}

/** Such as `first 180.4 ms, then p50 21.4 ms, p95 32.0 ms, p99 41.7 ms, 151.4 requests/s (200 calls, 4 at a time)`. */
export function describeLatency({ firstMs, warm }: LatencyReport): string {
  const first = `first ${milliseconds(firstMs)}`;
  if (!warm) {
    return first;
  }
  const { p50Ms, p95Ms, p99Ms, requestsPerSecond, count, concurrency } = warm;
  return (
    `${first}, then p50 ${milliseconds(p50Ms)}, p95 ${milliseconds(p95Ms)}, p99 ${milliseconds(p99Ms)}, ` +
    `${requestsPerSecond.toFixed(1)} requests/s (${count} calls, ${concurrency} at a time)`
  );
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}
