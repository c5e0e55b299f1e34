import { lookup } from 'node:dns/promises';
import { hostname } from 'node:os';

import type { SmokeTestEvent } from '../../../lib/smoke-test/smoke-test-report';
import { closedPort } from '../../client/peers';
import { afterwards } from '../../support/cleanup';
import { startNameServer, type NameServerAnswer } from '../../support/name-server';
import { checkOf, testService } from './run';

/** A name that this machine's resolver knows without asking anybody: its own. */
const ownName = hostname();

async function nameServer(answer: (name: string) => NameServerAnswer): Promise<string> {
  const peer = await startNameServer(answer);
  afterwards(() => peer.close());
  return peer.address;
}

async function ownAddress(): Promise<string> {
  return (await lookup(ownName, { family: 4 })).address;
}

describe('the check DNS', () => {
  it('passes if the record holds the address, by the system and by the name servers given', async () => {
    const expectedAddress = await ownAddress();
    const server = await nameServer(() => ({ addresses: [expectedAddress], ttlSeconds: 60 }));
    const report = await testService(
      { host: ownName, port: await closedPort(), plaintext: true, expectedAddress },
      { resolvers: [server] },
    );
    expect(checkOf(report, 'dns')).toMatchObject({
      outcome: 'passed',
      detail: expect.stringMatching(
        new RegExp(
          `^${ownName} is .*according to this machine's resolver; ${expectedAddress} according to ${server}$`,
        ),
      ) as string,
    });
    expect(report.dns).toMatchObject({ name: ownName, expectedAddress });
    expect(report.dns?.answers.map(({ resolver }) => resolver)).toEqual(['system', server]);
    expect(report.failure?.check).toBe('tcp');
  });

  it('fails if the name has no address, with exit code 3', async () => {
    const report = await testService({ host: 'scoring.invalid', port: 443 });
    expect(report.exitCode).toBe(3);
    expect(report.failure).toMatchObject({ check: 'dns', code: 'CONNECTION_FAILED' });
    const check = checkOf(report, 'dns');
    expect(check).toMatchObject({ outcome: 'failed', reason: 'name-not-found' });
    expect(check.detail).toMatch(
      /^the host name "scoring\.invalid" has no address according to this machine's resolver \(E[A-Z_]+\)$/,
    );
    expect(check.remedy).toBe(
      'check its spelling and its DNS record, or wait if the record is new, ' +
        'or test the service by its address until then (target.connectTo)',
    );
    expect(checkOf(report, 'tcp').outcome).toBe('not-run');
  });

  it('fails if a record has not reached every name server, and reports which has it', async () => {
    const behind = await nameServer(() => 'no such name');
    const report = await testService({ host: ownName, port: 443 }, { resolvers: [behind] });
    expect(report.exitCode).toBe(3);
    const check = checkOf(report, 'dns');
    expect(check.reason).toBe('name-not-found');
    expect(check.detail).toMatch(
      new RegExp(
        `^the host name "${ownName}" has .+ according to this machine's resolver; no address according to ${behind} \\(ENOTFOUND\\)$`,
      ),
    );
    expect(check.remedy).toContain('wait until the record has reached every name server');
  });

  it('fails if a name server still has the previous address, and says for how long it keeps it', async () => {
    const expectedAddress = await ownAddress();
    const behind = await nameServer(() => ({ addresses: ['203.0.113.9'], ttlSeconds: 297 }));
    const report = await testService(
      {
        host: ownName,
        port: 443,
        expectedAddress,
      },
      { resolvers: [behind] },
    );
    expect(report.exitCode).toBe(3);
    const check = checkOf(report, 'dns');
    expect(check).toMatchObject({ code: 'CONNECTION_FAILED', reason: 'wrong-address' });
    expect(check.detail).toContain(`203.0.113.9 according to ${behind}; expected only ${expectedAddress}`);
    expect(check.remedy).toContain(
      `correct the record; if it is already correct, wait: ${behind} caches the old record for another 297 s`,
    );
    expect(report.dns?.answers[1]).toEqual({ resolver: behind, addresses: ['203.0.113.9'] });
  });

  it('fails if the record contains another address in addition to the right one', async () => {
    const expectedAddress = await ownAddress();
    const server = await nameServer(() => ({
      addresses: [expectedAddress, '203.0.113.9'],
      ttlSeconds: 60,
    }));
    const target = { host: ownName, port: 443, expectedAddress };
    expect(checkOf(await testService(target, { resolvers: [server] }), 'dns').reason).toBe('wrong-address');
  });

  it('fails if a name server does not answer, and reports it', async () => {
    const silent = await nameServer(() => 'silence');
    const report = await testService({ host: ownName, port: 443 }, { resolvers: [silent] });
    expect(report.exitCode).toBe(3);
    const check = checkOf(report, 'dns');
    expect(check.reason).toBe('timed-out');
    expect(check.detail).toContain(`no answer from ${silent} (ETIMEOUT)`);
    expect(check.remedy).toBe(
      `check the address of the name server ${silent} and the connection to its port 53, or remove it`,
    );
  });

  it('fails if a zone is broken', async () => {
    const broken = await nameServer(() => 'server failure');
    const report = await testService({ host: ownName, port: 443 }, { resolvers: [broken] });
    const check = checkOf(report, 'dns');
    expect(check.detail).toContain(`an error from ${broken} (ESERVFAIL)`);
    expect(check.remedy).toContain(
      "check that the name's zone is delegated to its name servers, and its DNSSEC",
    );
  });

  it('waits until a record has reached the name servers', async () => {
    const expectedAddress = await ownAddress();
    let reached = false;
    const server = await nameServer(() =>
      reached ? { addresses: [expectedAddress], ttlSeconds: 60 } : 'no such name',
    );
    const reasons: string[] = [];
    const report = await testService(
      { host: ownName, port: await closedPort(), plaintext: true, expectedAddress },
      {
        resolvers: [server],
        readyTimeoutSeconds: 5,
        onEvent: (event: SmokeTestEvent) => {
          if (event.kind === 'waiting' && event.check === 'dns') {
            reasons.push(event.reason);
            reached = true;
          }
        },
      },
    );
    expect(checkOf(report, 'dns').outcome).toBe('passed');
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toContain(`no address according to ${server} (ENOTFOUND)`);
  });

  it('is skipped for an IP address, for a name of this machine, and where the address is given', async () => {
    const port = await closedPort();
    const detail = async (target: { host: string; connectTo?: string }) => {
      const check = checkOf(await testService({ ...target, port, plaintext: true }), 'dns');
      expect(check.outcome).toBe('skipped');
      return check.detail;
    };
    expect(await detail({ host: '127.0.0.1' })).toBe('127.0.0.1 is an IP address');
    expect(await detail({ host: 'scoring.localhost' })).toBe('scoring.localhost is this machine');
    expect(await detail({ host: 'scoring.invalid', connectTo: '127.0.0.1' })).toBe(
      'connects to 127.0.0.1 instead of looking up scoring.invalid',
    );
  });

  it('rejects an invalid name server', async () => {
    const report = await testService({ host: ownName, port: 443 }, { resolvers: ['dns.example'] });
    expect(report).toMatchObject({ exitCode: 2, failure: { code: 'SMOKE_TEST_INPUT' } });
  });
});
