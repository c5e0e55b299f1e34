import { closedPort, startGrpcPeer } from '../../client/peers';
import { afterwards } from '../../support/cleanup';
import { filteredPort } from '../../support/filtered-port';
import { checkOf, testService } from './run';

describe('the check TCP', () => {
  it('passes if something listens, and says at which address', async () => {
    const peer = await startGrpcPeer({});
    afterwards(() => peer.close());
    const report = await testService({ host: '127.0.0.1', port: peer.port, plaintext: true });
    expect(checkOf(report, 'tcp')).toMatchObject({
      outcome: 'passed',
      detail: `${peer.address} accepts connections`,
    });
    expect(
      checkOf(await testService({ host: 'scoring.localhost', port: peer.port, plaintext: true }), 'tcp')
        .detail,
    ).toBe(`localhost:${peer.port} accepts connections at 127.0.0.1`);
  });

  it('fails if nothing listens, with exit code 3', async () => {
    const port = await closedPort();
    const report = await testService({ host: '127.0.0.1', port });
    expect(report.exitCode).toBe(3);
    expect(checkOf(report, 'tcp')).toMatchObject({
      outcome: 'failed',
      code: 'CONNECTION_FAILED',
      reason: 'refused',
      detail: `connection refused: nothing is listening on 127.0.0.1:${port}`,
      remedy: 'start the service, or check the port',
    });
    expect(checkOf(report, 'tls').outcome).toBe('not-run');
  });

  it('fails where packets are dropped, with exit code 3', async () => {
    const filtered = await filteredPort();
    afterwards(() => filtered.close());
    const report = await testService({ host: '127.0.0.1', port: filtered.port });
    expect(report.exitCode).toBe(3);
    const check = checkOf(report, 'tcp');
    expect(check).toMatchObject({
      code: 'CONNECTION_FAILED',
      reason: 'timed-out',
      remedy: 'check the address, the firewall and the network security group',
    });
    expect(check.detail).toMatch(/ within [\d,]+ ms: packets are dropped on the network path$/);
  });

  it('waits until something listens', async () => {
    const port = await closedPort();
    const report = await testService(
      { host: '127.0.0.1', port, plaintext: true },
      {
        readyTimeoutSeconds: 10,
        onEvent: (event) => {
          if (event.kind === 'waiting' && event.check === 'tcp' && starting === undefined) {
            starting = startGrpcPeer({}, { port });
          }
        },
      },
    );
    expect(checkOf(report, 'tcp').outcome).toBe('passed');
  });

  let starting: ReturnType<typeof startGrpcPeer> | undefined;

  afterEach(async () => {
    await (await starting)?.close();
    starting = undefined;
  });
});
