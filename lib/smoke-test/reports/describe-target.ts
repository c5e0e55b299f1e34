import { isIPv6 } from 'node:net';

import type { SmokeTestReport } from '../smoke-test-report';

/** Such as `grpc://scoring.example.com:443 with TLS` or `https://scoring.example.com:443/score`. */
export function describeTarget({ protocol, host, port, tls, path = '' }: SmokeTestReport['target']): string {
  const address = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return protocol === 'http'
    ? `http${tls ? 's' : ''}://${address}${path}`
    : `grpc://${address} ${tls ? 'with' : 'without'} TLS`;
}
