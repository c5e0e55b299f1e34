import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { freePort, TerraformProject } from '../../e2e/terraform-project';
import { declareParts } from './parts';
import { PythonPrograms } from './python-program';

const run = promisify(execFile);
const examples = path.resolve(__dirname, '../../../examples');
const parts = path.join(__dirname, 'parts.py');

/** The files of a stack, whose names have their content's hash. */
function assetsOf(project: TerraformProject, stack: string): string[] {
  const folder = path.join(project.folder, 'cdktf.out/stacks', stack, 'assets');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

function jsonOf(project: TerraformProject, stack: string): string {
  return project.read(`cdktf.out/stacks/${stack}/cdk.tf.json`);
}

describe('a stack in Python', () => {
  let python: PythonPrograms;
  const projects: TerraformProject[] = [];

  function newProject(): TerraformProject {
    const project = new TerraformProject();
    projects.push(project);
    return project;
  }

  // It compiles the constructs under jsii and installs the providers' packages.
  beforeAll(async () => {
    python = await PythonPrograms.prepare();
  }, 900_000);

  afterAll(async () => {
    for (const project of projects) {
      await project.remove();
    }
  });

  it('is, byte for byte, what the quickstart is in TypeScript', async () => {
    const [ours, theirs] = [newProject(), newProject()];
    await run(process.execPath, [require.resolve('tsx/cli'), path.join(examples, 'quickstart/main.ts')], {
      cwd: ours.folder,
    });
    await python.run(path.join(examples, 'python/main.py'), theirs.folder);
    expect(jsonOf(theirs, 'quickstart')).toBe(jsonOf(ours, 'quickstart'));
    expect(assetsOf(theirs, 'quickstart')).toEqual(assetsOf(ours, 'quickstart'));
    expect(jsonOf(theirs, 'quickstart')).toContain('smoke-test');
  });

  it('is deployed, tested and destroyed by Terraform, with the npm package in its project', async () => {
    const port = await freePort();
    const [ours, theirs] = [newProject(), newProject()];
    ours.synth((stack) => {
      declareParts(stack, port);
    });
    await python.run(parts, theirs.folder, { PORT: String(port) });
    expect(jsonOf(theirs, 'e2e')).toBe(jsonOf(ours, 'e2e'));
    expect(assetsOf(theirs, 'e2e')).toEqual(assetsOf(ours, 'e2e'));

    await theirs.init();
    const applied = await theirs.apply();
    expect(applied.output).toContain('Apply complete!');
    expect(applied.output).toContain('tiger cat');
    expect(await theirs.service()).toMatchObject({ port });
    expect(await theirs.hasChanges()).toBe(false);
    expect(await theirs.destroy()).toMatchObject({ ok: true });
    expect(await theirs.services()).toEqual([]);
  });
});
