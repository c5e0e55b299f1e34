import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { TerraformVariable } from 'cdktf';

import { LocalWorkspace, RegisteredModel, ServiceDefinition, Stage } from '../../../constructs';
import { TerraformProject } from '../../e2e/terraform-project';

// Whatever means something to a shell, to Terraform, to JSON or to Node.
const TRICKY = [
  'quotes "double" \'single\' `back`',
  'back\\slash \\n \\" \\\\',
  'line\nbreak\r\n\ttab',
  '${var.nothing} $${x} $$${y} ${',
  '%{ if true }x%{ endif } %%{y} %{',
  '-e --leading dashes',
  'ünïcödé 日本 🐈 \u2028',
  '$(id) ; rm -rf "$HOME" && | > * ? ~ !',
  '#{x} &{y} 1e5 -1.5e+10 {"a": [1]}',
  '"quoted"',
  '',
];

it('a failed step is reported by its name and its reason', async () => {
  const project = new TerraformProject();
  project.synth((stack) => {
    new RegisteredModel(stack, 'Model', {
      workspace: new LocalWorkspace(stack, 'Workspace', { directory: 'file/models' }),
      name: 'sample',
      version: '1',
      serviceDefinition: new ServiceDefinition({ stages: [Stage.image()] }),
    });
  });
  writeFileSync(path.join(project.folder, 'file'), '');
  await project.init();
  const { ok, output } = await project.apply();
  await project.remove();
  expect(ok).toBe(false);
  expect(output.replace(/[\s│]+/g, ' ')).toMatch(
    /Error running command 'register-model': exit status 1\. Output: the registry entry of model "sample"/,
  );
});

describe('what the constructs hand to the steps', () => {
  let project: TerraformProject;

  beforeEach(() => {
    project = new TerraformProject();
  });

  afterEach(async () => {
    await project.remove();
  });

  it('arrives unchanged by real Terraform, whatever characters it has', async () => {
    const directory = 'models "of" ${mine} %{x} ü';
    const tags = Object.fromEntries(TRICKY.map((text, index) => [`${index} ${text}`, text]));
    project.synth((stack) => {
      const late = new TerraformVariable(stack, 'late', { type: 'string' });
      const workspace = new LocalWorkspace(stack, 'Workspace', { directory });
      new RegisteredModel(stack, 'Model', {
        workspace,
        name: 'sample',
        version: '1',
        serviceDefinition: new ServiceDefinition({ stages: [Stage.image()] }),
        tags: { ...tags, late: late.stringValue, within: `<"${late.stringValue}">` },
      });
    });
    await project.init();
    const late = TRICKY.join('|');
    const environment = { TF_VAR_late: late };
    const applied = await project.apply(environment);
    expect(applied).toMatchObject({ ok: true });
    expect(applied.output).toContain(`registered model sample version 1 in ${directory}`);
    const file = path.join(project.folder, directory, 'sample/1/model.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      tags: { ...tags, late, within: `<"${late}">` },
    });

    expect((await project.apply(environment)).output).toContain('0 added, 0 changed, 0 destroyed');
    expect(await project.destroy(environment)).toMatchObject({ ok: true });
    expect(existsSync(path.join(project.folder, directory, 'sample'))).toBe(false);
  });
});
