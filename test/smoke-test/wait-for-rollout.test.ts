import { createSelfSignedCertificate } from '../../lib/tls';
import { NotReadyInTimeError } from '../../lib/errors/prediction-errors';
import { waitForRollout } from '../../lib/smoke-test/wait-for-rollout';
import { keys, serverForTest, writeModel } from '../server/support/test-server';
import { tinyModel } from '../support/tiny-model';

async function tlsServer() {
  const { certificate, privateKey } = await createSelfSignedCertificate({ hostname: 'scoring.localhost' });
  const tls = { certificate, privateKey };
  const server = await serverForTest({ tls, keys });
  const connection = {
    address: server.address,
    serverName: 'scoring.localhost',
    rootCertificates: certificate,
    key: keys.primaryKey,
    modelName: 'tiny',
  };
  return { server, tls, connection };
}

describe('a smoke test after a change that reaches machines later', () => {
  it('goes on at once where the version is served already', async () => {
    const { connection } = await tlsServer();
    await expect(
      waitForRollout(connection, { modelVersion: '1', connections: 3 }, { timeoutMs: 10_000 }),
    ).resolves.toBeUndefined();
  });

  it('waits for the version, and for its key to be known, instead of testing what was there before', async () => {
    const { server, tls, connection } = await tlsServer();
    const reasons: string[] = [];
    let change: Promise<void> | undefined;
    const zip = await writeModel(server, 'next.zip', tinyModel({ operation: 'Neg' }));
    await waitForRollout(
      { ...connection, key: 'the-new-key' },
      { modelVersion: 'v2', connections: 2 },
      {
        timeoutMs: 30_000,
        onAttempt: ({ reason }) => {
          reasons.push(reason.message);
          // First the key is unknown; with it, the version is still the former one; then all is new.
          const next = { tls, keys: { primaryKey: 'the-new-key', secondaryKey: keys.secondaryKey } };
          change ??= server.server.reload({ ...next, model: server.model });
          if (reasons.at(-1)?.includes('another version')) {
            change = server.server.reload({ ...next, model: { name: 'tiny', version: 'v2', path: zip } });
          }
        },
      },
    );
    await change;
    expect(reasons[0]).toContain('key');
    expect(reasons).toContainEqual(
      'a machine still serves another version of the model than v2; the rollout is in progress',
    );
  });

  it('says what it waited for in vain', async () => {
    const { connection } = await tlsServer();
    const waiting = waitForRollout(connection, { modelVersion: 'v2', connections: 1 }, { timeoutMs: 500 });
    await expect(waiting).rejects.toThrow(NotReadyInTimeError);
    await expect(waiting).rejects.toThrow(/not ready after [\d.]+ s: a machine still serves another version/);
  });
});
