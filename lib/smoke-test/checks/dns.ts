import { isIP } from 'node:net';

import { ConnectionFailedError } from '../../errors/prediction-errors';
import { isLocalhostName } from '../../connection/name-lookup';
import { describeProxy, proxyFor } from '../../connection/proxy';
import { waitForReadiness } from '../../client/readiness';
import { canonicalAddress } from '../../tls/certificate-names';
import { NameServer, SystemResolver, type NameResolver, type ResolverAnswer } from '../name-resolver';
import { connectionTarget, type ResolvedTarget } from '../target';
import type { Check } from './check';

/** Milliseconds between two queries. Name servers belong to others, and records change slowly. */
const INTERVAL_MS = 1_000;

/** Checks that the host has a DNS record with the service's address, on every name server. */
export const dns: Check = {
  name: 'dns',
  async run({ target, options: { resolvers = [] }, findings, waiting }) {
    const { host, connectTo, expectedAddress } = target;
    if (isIP(host) !== 0) {
      return { skipped: `${host} is an IP address` };
    }
    if (connectTo !== undefined) {
      return { skipped: `connects to ${connectTo} instead of looking up ${host}` };
    }
    if (isLocalhostName(host)) {
      return { skipped: `${host} is this machine` };
    }
    const proxy = proxyFor(connectionTarget(target));
    if (proxy) {
      return { skipped: `${describeProxy(proxy)} looks up ${host}` };
    }
    const asked: NameResolver[] = [
      new SystemResolver(),
      ...resolvers.map((server) => new NameServer(server)),
    ];
    let answers: ResolverAnswer[] = [];
    await waitForReadiness(
      async ({ deadlineMs }) => {
        answers = await Promise.all(asked.map((resolver) => resolver.addressesOf(host, deadlineMs)));
        findings.dns = {
          name: host,
          answers: answers.map(({ resolver, addresses }) => ({ resolver, addresses })),
          expectedAddress,
        };
        requireRecord(target, answers);
      },
      { ...waiting(), intervalMs: INTERVAL_MS },
    );
    return `${host} is ${answers.map(describeAnswer).join('; ')}`;
  },
};

/** @throws ConnectionFailedError unless every resolver has the record, and with the address */
function requireRecord(
  { host, expectedAddress, names }: ResolvedTarget,
  answers: readonly ResolverAnswer[],
): void {
  const orResolve = `, or test the service by its address until then (${names('target.connectTo')})`;
  const silent = answers.find(({ failure }) => failure?.kind === 'no-answer');
  const broken = answers.find(({ failure }) => failure?.kind === 'error');
  const absent = answers.find(({ failure }) => failure?.kind === 'no-address');
  const wrong = answers.find((answer) => !holds(answer, expectedAddress));
  if (!silent && !broken && !absent && !wrong) {
    return;
  }
  const finding =
    `the host name "${host}" has ${answers.map(describeAnswer).join('; ')}` +
    (expectedAddress === undefined ? '' : `; expected only ${expectedAddress}`);
  if (silent) {
    throw new ConnectionFailedError(finding, 'timed-out', {
      remedy:
        silent.resolver === 'system'
          ? "check this machine's name servers and the network"
          : `check the address of the name server ${silent.resolver} and the connection to its port 53, or remove it`,
    });
  }
  if (broken) {
    throw new ConnectionFailedError(finding, 'name-not-found', {
      remedy: `check that the name's zone is delegated to its name servers, and its DNSSEC${orResolve}`,
    });
  }
  if (absent) {
    const known = answers.some(({ addresses }) => addresses.length > 0);
    throw new ConnectionFailedError(finding, 'name-not-found', {
      remedy:
        (known
          ? 'wait until the record has reached every name server: each caches the absence of a name for the time that ' +
            "the zone's SOA record defines"
          : 'check its spelling and its DNS record, or wait if the record is new') + orResolve,
    });
  }
  throw new ConnectionFailedError(finding, 'wrong-address', {
    remedy: `correct the record; if it is already correct, wait: ${untilForgotten(wrong)}${orResolve}`,
  });
}

/**
 * Returns whether an answer contains the address and no other address of its family, which would route some callers
 * elsewhere. The other family is ignored, because name servers of IPv6-only networks synthesize addresses (DNS64).
 */
function holds({ addresses }: ResolverAnswer, expected: string | undefined): boolean {
  if (expected === undefined) {
    return true;
  }
  const family = addresses.filter((address) => isIP(address) === isIP(expected));
  return family.length > 0 && family.every((address) => address === canonicalAddress(expected));
}

function describeAnswer({ resolver, addresses, failure }: ResolverAnswer): string {
  const by = resolver === 'system' ? "this machine's resolver" : resolver;
  switch (failure?.kind) {
    case 'no-address':
      return `no address according to ${by} (${failure.code})`;
    case 'error':
      return `an error from ${by} (${failure.code})`;
    case 'no-answer':
      return `no answer from ${by} (${failure.code})`;
    default:
      return `${addresses.join(', ')} according to ${by}`;
  }
}

function untilForgotten(answer: ResolverAnswer | undefined): string {
  return answer?.ttlSeconds === undefined
    ? 'resolvers cache the old record until its time to live (TTL) has passed'
    : `${answer.resolver} caches the old record for another ${answer.ttlSeconds} s`;
}
