import fc from 'fast-check';

import { FailedAttempts } from '../../lib/serving/failed-attempts';
import { issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { until } from '../support/until';
import { GrpcClient, HOSTNAME, rowRequest, type GrpcClientOptions } from '../server/support/grpc-client';
import { keys, serverForTest, type TestServerOptions } from '../server/support/test-server';

/** A clock that a test turns. */
function counter(options: { burst?: number; perSecond?: number } = {}) {
  let now = 1000;
  const attempts = new FailedAttempts(options, () => now);
  return {
    fail: (address = '192.0.2.1') => attempts.count(address),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('failed attempts', () => {
  it('are answered at once for a handful, and then one a second', () => {
    const { fail } = counter({ burst: 3, perSecond: 1 });
    expect([fail(), fail(), fail(), fail(), fail()].map(({ delayMs }) => delayMs)).toEqual([
      0, 0, 0, 1000, 2000,
    ]);
  });

  it('do not slow pipelines that run forty smoke tests at once behind one address', () => {
    const { fail } = counter();
    const delays = Array.from({ length: 80 }, () => fail().delayMs);
    expect(Math.max(...delays)).toBe(0);
  });

  it('are counted until the address is at rest', () => {
    const { fail, pass } = counter({ burst: 2, perSecond: 1 });
    expect([fail(), fail(), fail()].map(({ attempts }) => attempts)).toEqual([1, 2, 3]);
    pass(3000);
    expect(fail()).toEqual({ attempts: 1, delayMs: 0, hangUp: false, begins: false });
  });

  it('are logged once when responses start to be delayed', () => {
    const { fail } = counter({ burst: 1, perSecond: 1 });
    expect([fail(), fail(), fail()].map(({ begins }) => begins)).toEqual([false, true, false]);
  });

  it('of one address do not slow another', () => {
    const { fail } = counter({ burst: 1 });
    fail();
    fail();
    expect(fail('192.0.2.2').delayMs).toBe(0);
  });

  it.each([
    ['an IPv4 address in IPv6 clothes', '192.0.2.1', '::ffff:192.0.2.1'],
    ['addresses of one IPv6 network', '2001:db8:0:1::1', '2001:db8::1:ffff:0:0:2'],
    ['an interface’s name', 'fe80::1%eth0', 'fe80::2%eth1'],
  ])('count together for %s', (_, first, second) => {
    const { fail } = counter({ burst: 1 });
    fail(first);
    expect(fail(second).delayMs).toBeGreaterThan(0);
  });

  it('do not count together for two IPv6 networks', () => {
    const { fail } = counter({ burst: 1 });
    fail('2001:db8:0:1::1');
    expect(fail('2001:db8:0:2::1').delayMs).toBe(0);
  });

  it('are answered by closing the connection where more than ten seconds’ worth wait', () => {
    const { fail } = counter({ burst: 1, perSecond: 1 });
    const penalties = Array.from({ length: 20 }, () => fail());
    expect(penalties.filter(({ hangUp }) => !hangUp)).toHaveLength(11);
    expect(Math.max(...penalties.map(({ delayMs }) => delayMs))).toBe(10_000);
  });

  it('never cost more memory than 4,096 addresses do, and those that fail now are remembered', () => {
    const { fail } = counter({ burst: 1 });
    fail('first');
    for (let peer = 0; peer < 4096; peer += 1) {
      fail(`peer ${peer}`);
    }
    expect(fail('first').attempts).toBe(1);
    expect(fail('peer 4095').attempts).toBe(2);
  });

  it('are answered no faster than is allowed, whatever their rhythm', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 200 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 10 }),
        (pauses, burst, perSecond) => {
          const { fail, pass } = counter({ burst, perSecond });
          let now = 0;
          const answers: number[] = [];
          for (const pause of pauses) {
            pass(pause);
            now += pause;
            const { delayMs, hangUp } = fail();
            if (!hangUp) {
              answers.push(now + delayMs);
            }
          }
          const second = (from: number) => answers.filter((at) => at >= from && at < from + 1000).length;
          expect(Math.max(0, ...answers.map(second))).toBeLessThanOrEqual(burst + perSecond + 1);
        },
      ),
    );
  });
});

describe('a server with keys', () => {
  const WRONG = 'a-key-that-somebody-guessed';
  let certificate: Awaited<ReturnType<typeof issueCertificate>>;

  beforeAll(async () => {
    certificate = await issueCertificate({ names: [HOSTNAME] });
  });

  async function start(options: TestServerOptions) {
    const server = await serverForTest({ tls: certificate, keys, ...options });
    const client = (clientOptions: GrpcClientOptions) => {
      const made = new GrpcClient(server.address, { root: certificate.certificate, ...clientOptions });
      afterwards(() => {
        made.close();
      });
      return made;
    };
    return { ...server, client };
  }

  it('delays responses to wrong keys, while valid ones from the same address are served', async () => {
    const { client, log } = await start({ failedAttempts: { burst: 3, perSecond: 0.1 } });
    const guesser = client({ key: WRONG });
    for (let guess = 0; guess < 3; guess += 1) {
      expect((await guesser.predict(rowRequest(1, 2, 3))).status).toBe('UNAUTHENTICATED');
    }
    const heldBack = guesser.predict(rowRequest(1, 2, 3), { deadline: Date.now() + 500 });
    await until(() => log.text.includes('now delayed'));
    expect((await client({ key: keys.secondaryKey }).predict(rowRequest(1, 2, 3))).status).toBe('OK');
    expect((await heldBack).status).toBe('DEADLINE_EXCEEDED');
    expect(log.entries).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: 'responses to calls without a valid key are now delayed',
        peer: '127.0.0.1',
        attempts: 4,
      }),
    );
    expect(log.text).not.toContain(WRONG);
  });

  it('counts calls without a key, too', async () => {
    const { client, log } = await start({ failedAttempts: { burst: 1, perSecond: 0.1 } });
    const keyless = client({});
    await keyless.predict(rowRequest(1, 2, 3));
    const heldBack = keyless.predict(rowRequest(1, 2, 3), { deadline: Date.now() + 300 });
    await until(() => log.text.includes('now delayed'));
    expect((await heldBack).status).toBe('DEADLINE_EXCEEDED');
  });

  it('closes the connection of a persistent attacker, and serves valid callers meanwhile', async () => {
    const { client } = await start({ failedAttempts: { burst: 1, perSecond: 1 } });
    const guesser = client({ key: WRONG });
    const good = client({ key: keys.primaryKey });
    const guesses = Array.from({ length: 40 }, () =>
      guesser.predict(rowRequest(1, 2, 3), { deadline: Date.now() + 2000 }),
    );
    const outcomes = await Promise.all(guesses);
    // One is answered at once, some late, those that the late ones leave no room for by the connection's end.
    expect(outcomes.filter((outcome) => outcome.status === 'UNAUTHENTICATED').length).toBeLessThan(20);
    expect(outcomes.map(({ details }) => details)).toContain('Stream refused by server');
    expect(outcomes.map((outcome) => outcome.status)).not.toContain('OK');
    expect((await good.predict(rowRequest(1, 2, 3))).status).toBe('OK');
  });

  it('stops in time despite delayed responses', async () => {
    const { client, server, log } = await start({ failedAttempts: { burst: 1, perSecond: 0.1 } });
    const guesser = client({ key: WRONG });
    await guesser.predict(rowRequest(1, 2, 3));
    const heldBack = guesser.predict(rowRequest(1, 2, 3));
    await until(() => log.text.includes('now delayed'));
    await server.stop(50);
    expect((await heldBack).status).toBe('UNAVAILABLE');
  });

  it.each([
    [{ burst: 0 }, 'failedAttempts.burst is 0; expected a number greater than 0'],
    [{ perSecond: -1 }, 'failedAttempts.perSecond is -1; expected a number greater than 0'],
  ])('does not start with %j', async (failedAttempts, message) => {
    await expect(serverForTest({ failedAttempts })).rejects.toThrow(message);
  });
});
