import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { ProgramFolder } from '../azure/program-folder';
import { terraformForTests } from '../support/terraform';
import { testCluster } from './support/cluster-connection';
import { IMAGES } from './support/images';
import { convertStack, terraformEnvironment } from './support/stack-conversion';

const parent = path.resolve(__dirname, '../../build/kubernetes/example');

it('the example deploys to the cluster of the current kubeconfig, and its smoke test passes', async () => {
  const { kubeconfigFile } = testCluster();
  const program = await ProgramFolder.copy({ folder: 'examples/kubernetes' }, parent);
  const env = { ...process.env, ...terraformEnvironment() };
  await program.synthesize({ ...env, KUBECONFIG: kubeconfigFile, SCORING_IMAGE: IMAGES.example });
  const cwd = program.stackFolder('kubernetes');
  convertStack(cwd);
  const { path: terraform } = await terraformForTests();
  const run = (...args: string[]) =>
    promisify(execFile)(terraform, [...args, '-input=false', '-no-color'], { cwd, env, maxBuffer: 2 ** 26 });
  await run('init');
  try {
    const { stdout } = await run('apply', '-auto-approve');
    expect(stdout).toContain('predicted "tiger cat"');
  } finally {
    await run('destroy', '-auto-approve');
    await rm(parent, { recursive: true, force: true });
  }
});
