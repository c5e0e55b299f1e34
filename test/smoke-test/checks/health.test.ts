import { wireVersion } from '../../../lib/wire/model-version';
import type { SmokeTestTarget } from '../../../lib/smoke-test';
import { serverForTest } from '../../server/support/test-server';
import { checkOf, testService } from './run';

describe('the check health', () => {
  // As a local registry and Azure ML's have it; on the wire it is a number.
  const deployed = '08de3bf406d0';
  const onTheWire = '73318546559050';

  async function target(): Promise<SmokeTestTarget> {
    const { port } = await serverForTest({ modelVersion: deployed });
    return { host: '127.0.0.1', port, plaintext: true, modelName: 'tiny' };
  }

  it('names the model version as the registry has it, where it is told that one', async () => {
    const report = await testService({ ...(await target()), modelVersion: deployed });

    expect(checkOf(report, 'health')).toMatchObject({
      outcome: 'passed',
      detail: `the service serves model tiny version ${deployed}`,
    });
    expect(report.model).toEqual({ name: 'tiny', versions: [deployed] });
  });

  it('reports the number from the service if no version is set', async () => {
    const report = await testService(await target());

    expect(checkOf(report, 'health').detail).toBe(`the service serves model tiny version ${onTheWire}`);
  });

  it('fails where another version is served, with exit code 1', async () => {
    const report = await testService({ ...(await target()), modelVersion: '6f1d7a3e9b20' });

    expect(report.exitCode).toBe(1);
    expect(checkOf(report, 'health')).toMatchObject({
      outcome: 'failed',
      code: 'EXPECTATION_FAILED',
      detail: `the service serves model tiny version ${onTheWire}, expected 6f1d7a3e9b20 (${wireVersion('6f1d7a3e9b20')} in the protocol)`,
      remedy: 'check that the deployment has reached the service and that no later one has replaced it',
    });
    expect(checkOf(report, 'first-call').outcome).toBe('not-run');
  });
});
