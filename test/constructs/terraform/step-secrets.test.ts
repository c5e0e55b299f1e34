import { execFile as execFileCallback } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { StepSecrets } from '../../../lib/local/step-secrets';
import { executeStep, StepError } from '../../../lib/provisioner/steps';
import { createSelfSignedCertificate } from '../../../lib/tls';
import { TestProject } from '../support/test-project';
import { keys, serverForTest } from '../../server/support/test-server';

const execFile = promisify(execFileCallback);
const provisioner = path.resolve(__dirname, '../../../dist/lib/provisioner');

let project: TestProject;

beforeEach(() => {
  project = new TestProject();
});

afterEach(() => {
  project.leave();
});

function run(name: string, specification: unknown, env: NodeJS.ProcessEnv = {}): Promise<void> {
  return executeStep(name, { specification, env, write: () => undefined, interruption });
}

const interruption = () => new AbortController().signal;

const environment = {
  CDKTF_BRAINWAVE_PRIMARY_KEY: keys.primaryKey,
  CDKTF_BRAINWAVE_SECONDARY_KEY: keys.secondaryKey,
};

describe('the step that writes secrets for the next one', () => {
  it('writes them for their owner alone', async () => {
    await run('write-secrets', { name: 'pets' }, environment);
    const file = '.cdktf-brainwave/steps/pets/keys.json';
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(keys);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
  });

  it('writes access to a cluster, with and without keys', async () => {
    await run('write-secrets', { name: 'pets' }, { CDKTF_BRAINWAVE_KUBECONFIG: '{"kind":"Config"}' });
    const folder = '.cdktf-brainwave/steps/pets';
    expect(readFileSync(`${folder}/kubeconfig.json`, 'utf8')).toBe('{"kind":"Config"}\n');
    expect(statSync(`${folder}/kubeconfig.json`).mode & 0o777).toBe(0o600);
    expect(existsSync(`${folder}/keys.json`)).toBe(false);
    await run('write-secrets', { name: 'pets' }, { ...environment, CDKTF_BRAINWAVE_KUBECONFIG: '{}' });
    expect(existsSync(`${folder}/keys.json`)).toBe(true);
  });

  it.each([{}, { CDKTF_BRAINWAVE_PRIMARY_KEY: 'a' }, { ...environment, CDKTF_BRAINWAVE_PRIMARY_KEY: '' }])(
    'rejects an empty key: %j',
    async (env) => {
      const running = run('write-secrets', { name: 'pets' }, env);
      await expect(running).rejects.toThrow(StepError);
      await expect(running).rejects.toThrow(
        'the primary or the secondary key of the service that smoke test "pets" calls is empty; set its Terraform variables',
      );
    },
  );

  it.each(['', '..', 'a/b', '.hidden'])('stays in its folder with the name "%s"', (name) => {
    expect(() => new StepSecrets(project.folder, name)).toThrow(
      `the step name is "${name}"; expected 1 to 128 letters, digits, ".", "_" and "-", ` +
        'starting with a letter or digit',
    );
  });
});

describe('the smoke test after it', () => {
  /** Runs the step as Terraform does, in a process of its own. */
  async function smokeTest(
    revision: string,
    readyTimeoutSeconds: number,
  ): Promise<{ passed: boolean; output: string }> {
    const { certificate, privateKey } = await createSelfSignedCertificate({ hostname: 'scoring.localhost' });
    const server = await serverForTest({ tls: { certificate, privateKey }, keys, revision: 'r1' });
    await run('write-secrets', { name: 'pets' }, environment);
    const specification = {
      test: {
        target: {
          host: 'scoring.localhost',
          port: server.port,
          connectTo: '127.0.0.1',
          keyFile: '.cdktf-brainwave/steps/pets/keys.json',
          rootCertificateFile: project.write('root.pem', certificate),
          modelName: 'tiny',
        },
        samples: [{ path: project.image() }],
        expect: {},
        readyTimeoutSeconds,
        revision,
        rollout: { connections: 2 },
      },
      reportFile: 'report.json',
      temporarySecrets: ['pets'],
    };
    const command = `require(${JSON.stringify(provisioner)}).runStep('smoke-test')`;
    const env = { ...process.env, CDKTF_BRAINWAVE_SPECIFICATION: JSON.stringify(specification) };
    try {
      const { stdout, stderr } = await execFile(process.execPath, ['-e', command], { env });
      return { passed: true, output: stdout + stderr };
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      return { passed: false, output: stdout + stderr };
    }
  }

  // The tiny model takes no images: the test fails, but not before it has used its keys.
  it('finds the revision that is rolled out, and removes the keys also when it fails', async () => {
    const { passed, output } = await smokeTest('r1', 60);
    expect(passed).toBe(false);
    expect(output).toContain('the service serves model tiny version 1');
    expect(output).toContain('calls with no key and with a wrong key are rejected');
    expect(existsSync('.cdktf-brainwave/steps/pets')).toBe(false);
  });

  it('fails if another revision continues to be served', async () => {
    const { passed, output } = await smokeTest('r2', 5);
    expect(passed).toBe(false);
    expect(output).toContain('the service still serves revision r1, expected r2');
    expect(existsSync('.cdktf-brainwave/steps/pets')).toBe(false);
  });
});
