import { cpSync, symlinkSync } from 'node:fs';
import path from 'node:path';

import { packedLibrary } from './support/packed-library';
import { UserProject } from './support/user-project';

const examples = path.resolve(__dirname, '../../examples');

interface Finding {
  readonly check: string;
  readonly outcome: string;
}

describe("the GitOps example's repository, installed as its README says", () => {
  let project: UserProject;

  beforeAll(async () => {
    project = new UserProject({ type: 'commonjs' });
    cpSync(path.join(examples, 'gitops'), project.path('gitops'), { recursive: true });
    symlinkSync(path.join(examples, 'quickstart'), project.path('quickstart'));
    const providers = ['azurerm@^14', 'kubernetes@^12', 'random@^12'].map(
      (name) => `@cdktf/provider-${name}`,
    );
    const tools = ['tsx', 'typescript@5.9', '@types/node@^20'];
    await project.run('npm', [
      'install',
      packedLibrary().tarball,
      'cdktf',
      'constructs',
      ...providers,
      ...tools,
    ]);
  });

  afterAll(() => {
    project.remove();
  });

  it('passes its types and tests', async () => {
    const { stdout } = await project.run('gitops/scripts/verify.sh', []);
    expect(stdout).toMatch(/^# fail 0$/m);
    expect(stdout).toMatch(/^# pass 3$/m);
  });

  it('synthesizes for Azure', async () => {
    await project.run('gitops/scripts/synth.sh', []);
    const { stdout } = await project.run('grep', [
      '-c',
      'azurerm',
      'gitops/cdktf.out/stacks/scoring/cdk.tf.json',
    ]);
    expect(Number(stdout)).toBeGreaterThan(0);
  });

  it('is in order for the doctor, but for the engines, which are not asked for', async () => {
    const doctor = ['--no-install', 'cdktf-brainwave', 'doctor', '--json', '--time-host', '127.0.0.1:1'];
    const { stdout } = await project.run('npx', doctor);
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    const outcomes = (check: string) =>
      findings.filter((finding) => finding.check === check).map(({ outcome }) => outcome);

    expect(outcomes('cdktf')).toEqual(['passed', 'passed']);
    expect(outcomes('providers')).toEqual(['passed', 'passed', 'passed']);
    expect(outcomes('engines')).toEqual(['note', 'note', 'note', 'note']);
  });
});
