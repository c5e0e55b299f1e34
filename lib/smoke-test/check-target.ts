import { isIP } from 'node:net';

import { canonicalAddress } from '../tls/certificate-names';
import { isLocalhostName } from './target';
import { NameServer } from './name-resolver';
import { inputError } from './smoke-test-error';
import type { SmokeTestTarget } from './smoke-test-options';
import { TLS_FILES } from './target-files';

/**
 * Refuses what is asked of a record, a certificate or a model version where none is looked at.
 * @throws SmokeTestError SMOKE_TEST_INPUT
 */
export function checkTarget(target: SmokeTestTarget): void {
  for (const server of target.resolvers ?? []) {
    new NameServer(server);
  }
  if (target.expectedAddress !== undefined) {
    checkExpectedAddress(target, target.expectedAddress);
  }
  if (!target.tls) {
    checkNoCertificates(target);
  }
  if (target.modelVersion !== undefined && target.protocol === 'http') {
    throw inputError(
      `modelVersion is ${target.modelVersion}, but over HTTP an endpoint does not say what it serves; leave it out`,
    );
  }
}

function checkExpectedAddress({ host, connectTo }: SmokeTestTarget, expected: string): void {
  if (isIP(expected) === 0) {
    throw inputError(`expectedAddress is "${expected}"; expected an IP address`);
  }
  const used = connectTo ?? (isIP(host) === 0 ? undefined : host);
  if (used !== undefined && canonicalAddress(used) !== canonicalAddress(expected)) {
    throw inputError(
      `expectedAddress is ${expected}, but ${used} is called, and no record is looked at; leave out one of them`,
    );
  }
  if (used === undefined && isLocalhostName(host)) {
    throw inputError(
      `expectedAddress is ${expected}, but ${host} is this machine, and no record is looked at; leave it out`,
    );
  }
}

function checkNoCertificates(target: SmokeTestTarget): void {
  const unused = TLS_FILES.find((name) => target[name] !== undefined);
  if (unused !== undefined) {
    throw inputError(
      `${unused} is ${String(target[unused])}, but the service is called without TLS, and no certificate is ` +
        'looked at; leave it out, or call the service with TLS',
    );
  }
}
