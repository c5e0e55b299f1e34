import { PredictionClient } from '../../lib/client';
import { NotReadyInTimeError } from '../../lib/errors/prediction-errors';
import type { Rollout } from '../../lib/smoke-test/smoke-test-options';
import { describeOthers, waitForRollout } from '../../lib/smoke-test/wait-for-rollout';
import { createSelfSignedCertificate } from '../../lib/tls';
import type { WaitUntilReadyOptions } from '../../lib/client/readiness';
import { afterwards } from '../support/cleanup';
import { keys, serverForTest } from '../server/support/test-server';

async function tlsServer(revision: string | undefined) {
  const { certificate, privateKey } = await createSelfSignedCertificate({ hostname: 'scoring.localhost' });
  const tls = { certificate, privateKey };
  const server = await serverForTest({ tls, keys, revision });
  const connection = {
    address: server.address,
    serverName: 'scoring.localhost',
    rootCertificates: certificate,
    key: keys.primaryKey,
    modelName: 'tiny',
  };
  const wait = (revision: string, rollout: Rollout, options: WaitUntilReadyOptions, key = connection.key) => {
    const client = new PredictionClient({ ...connection, key });
    afterwards(() => {
      client.close();
    });
    return waitForRollout(client, { ...connection, key }, revision, rollout, options);
  };
  return { server, tls, wait };
}

describe('a smoke test after a change that reaches replicas later', () => {
  it('continues at once if the revision is served already', async () => {
    const { wait } = await tlsServer('r1');
    await expect(wait('r1', { connections: 3 }, { timeoutMs: 10_000 })).resolves.toBeUndefined();
  });

  it('waits for the revision, and for its key to be known, instead of testing what was there before', async () => {
    const { server, tls, wait } = await tlsServer('r1');
    const reasons: string[] = [];
    let change: Promise<void> | undefined;
    const options: WaitUntilReadyOptions = {
      timeoutMs: 30_000,
      onAttempt: ({ reason }) => {
        reasons.push(reason.message);
        // First the key is unknown; with it, the revision is still the former one; then all is new.
        const next = {
          tls,
          keys: { primaryKey: 'the-new-key', secondaryKey: keys.secondaryKey },
          model: server.model,
        };
        change ??= server.server.reload({ ...next, revision: 'r1' });
        if (reasons.at(-1)?.includes('still serves')) {
          change = server.server.reload({ ...next, revision: 'r2' });
        }
      },
    };
    await wait('r2', { connections: 2 }, options, 'the-new-key');
    await change;
    expect(reasons[0]).toContain('key');
    expect(reasons).toContainEqual(
      'the service still serves revision r1, expected r2; wait until the rollout has ended',
    );
  });

  it('reports what it waited for, and where to look', async () => {
    const { wait } = await tlsServer('r1');
    const rollout = { connections: 1, inspect: 'kubectl rollout status deployment/pets' };
    const waiting = wait('r2', rollout, { timeoutMs: 500 });
    await expect(waiting).rejects.toThrow(NotReadyInTimeError);
    await expect(waiting).rejects.toThrow(
      /not ready after [\d.]+ s: the service still serves revision r1, expected r2; find out why with: kubectl rollout status/,
    );
  });

  it('does not take a service that reports no revision for the expected one', async () => {
    const { wait } = await tlsServer(undefined);
    await expect(wait('r1', { connections: 1 }, { timeoutMs: 500 })).rejects.toThrow(
      'a replica does not report its revision, expected r1',
    );
  });
});

describe('replicas that serve another revision', () => {
  const served = (replica: string, revision: string) => ({ replica, revision });

  it('are counted once, however many connections reach them', () => {
    expect(
      describeOthers([served('a', 'r1'), served('b', 'r1'), served('a', 'r1'), served('c', 'r2')], 'r2'),
    ).toBe('2 of 3 replicas still serve revision r1, expected r2');
    expect(describeOthers([served('a', 'r0'), served('b', 'r1')], 'r2')).toBe(
      '2 of 2 replicas still serve revision r0, r1, expected r2',
    );
    expect(describeOthers([served('a', 'r1'), served('a', 'r2')], 'r2')).toBeUndefined();
  });
});
