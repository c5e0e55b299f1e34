import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

import { parse } from 'yaml';

import { isPortFree } from '../../lib/local/free-port';
import { freePort } from '../support/free-port';
import { terraformForTests } from '../support/terraform';
import { npm } from './support/package-managers';
import { packedLibrary } from './support/packed-library';
import { runTool } from './support/run-tool';
import { UserProject } from './support/user-project';

interface Workflow {
  readonly jobs: { readonly verify: { readonly steps: readonly { readonly run?: string }[] } };
}

describe('a project that the packed library creates with init', () => {
  let installed: UserProject;
  let project: string;
  let port: number;
  let created: string[];

  const inProject = async (command: string) => {
    // The sub-shell gets the variables that CI would set; Terraform and gRPC need none of this machine's.
    const { stdout, stderr } = await runTool('sh', ['-c', command], {
      cwd: project,
      env: {
        PORT: String(port),
        TERRAFORM_BINARY_NAME: (await terraformForTests()).path,
        TF_CLI_CONFIG_FILE: undefined,
        GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: undefined,
        CHECKPOINT_DISABLE: '1',
      },
    });
    return stdout + stderr;
  };

  beforeAll(async () => {
    port = await freePort();
    installed = new UserProject({});
    await npm.install(installed, [packedLibrary().tarball]);
    project = installed.path('new');
    mkdirSync(project);
    const { stdout } = await installed.run('npx', ['--no-install', 'cdktf-brainwave', 'init', 'new']);
    created = [...stdout.matchAll(/^new\/(\S+)$/gm)].map(([, file]) => file);
    await runTool('git', ['init', '--quiet'], { cwd: project });
    await inProject('npm install');
  });

  afterAll(async () => {
    await inProject('[ ! -e terraform.scoring.tfstate ] || npm run destroy -- -auto-approve');
    installed.remove();
    rmSync(project, { recursive: true, force: true });
  });

  it('passes the steps of its own workflow: its test, a deployment with the smoke test, and the destroy', async () => {
    const workflow = parse(
      readFileSync(path.join(project, '.github/workflows/scoring.yml'), 'utf8'),
    ) as Workflow;
    const steps = workflow.jobs.verify.steps.flatMap(({ run }) => run ?? []);
    expect(steps).toEqual([
      'npm ci',
      'npm test',
      'npm run deploy -- -auto-approve',
      'npm run destroy -- -auto-approve',
    ]);
    const [, test, deploy, destroy] = steps;
    expect(await inProject(test)).toContain('# pass 1\n');
    const deployed = await inProject(deploy);
    expect(deployed).toMatch(/tomato\.png[\s\S]*red .* \d\d\.\d %[\s\S]*sky\.png[\s\S]*smoke test passed/);
    expect(await isPortFree('127.0.0.1', port)).toBe(false);
    expect(await inProject('npx --no-install cdktf-brainwave score images/sky.png')).toMatch(/^ +blue /m);
    expect(await inProject(destroy)).toContain('Destroy complete!');
    expect(await isPortFree('127.0.0.1', port)).toBe(true);
  });

  it('is committed with the files that init created and its lock file, and no other', async () => {
    const { stdout } = await runTool('git', ['status', '--porcelain', '--untracked-files=all'], {
      cwd: project,
    });
    const untracked = [...stdout.matchAll(/^\?\? (\S+)$/gm)].map(([, file]) => file);
    expect(untracked.sort()).toEqual([...created, 'package-lock.json'].sort());
  });
});
