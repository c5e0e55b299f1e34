import { closedPort, startGrpcPeer } from '../../client/peers';
import { afterwards } from '../../support/cleanup';
import { filteredPort } from '../../support/filtered-port';
import { stageOf, testService } from './run';

describe('the stage TCP', () => {
  it('passes where something listens, and says at which address', async () => {
    const peer = await startGrpcPeer({});
    afterwards(() => peer.close());
    const report = await testService({ host: '127.0.0.1', port: peer.port, tls: false });
    expect(stageOf(report, 'tcp')).toMatchObject({
      outcome: 'passed',
      detail: `${peer.address} accepts connections`,
    });
    expect(
      stageOf(await testService({ host: 'scoring.localhost', port: peer.port, tls: false }), 'tcp').detail,
    ).toBe(`localhost:${peer.port} accepts connections at 127.0.0.1`);
  });

  it('fails where nothing listens, with exit code 3', async () => {
    const port = await closedPort();
    const report = await testService({ host: '127.0.0.1', port, tls: true });
    expect(report.exitCode).toBe(3);
    expect(stageOf(report, 'tcp')).toMatchObject({
      outcome: 'failed',
      code: 'CONNECTION_FAILED',
      reason: 'refused',
      detail: `nothing listens on 127.0.0.1:${port}: the connection was refused`,
      remedy: 'start the service, or check the port',
    });
    expect(stageOf(report, 'tls').outcome).toBe('not-run');
  });

  it('fails where packets are dropped, with exit code 3', async () => {
    const filtered = await filteredPort();
    afterwards(() => filtered.close());
    const report = await testService({ host: '127.0.0.1', port: filtered.port, tls: true });
    expect(report.exitCode).toBe(3);
    const stage = stageOf(report, 'tcp');
    expect(stage).toMatchObject({
      code: 'CONNECTION_FAILED',
      reason: 'timed-out',
      remedy: 'check the address, the firewall and the network security group',
    });
    expect(stage.detail).toMatch(/ within [\d,]+ ms: packets are dropped on the way$/);
  });

  it('waits until something listens', async () => {
    const port = await closedPort();
    const report = await testService(
      { host: '127.0.0.1', port, tls: false },
      {
        readyTimeoutMs: 10_000,
        onEvent: (event) => {
          if (event.kind === 'waiting' && event.stage === 'tcp' && starting === undefined) {
            starting = startGrpcPeer({}, { port });
          }
        },
      },
    );
    expect(stageOf(report, 'tcp').outcome).toBe('passed');
  });

  let starting: ReturnType<typeof startGrpcPeer> | undefined;

  afterEach(async () => {
    await (await starting)?.close();
    starting = undefined;
  });
});
