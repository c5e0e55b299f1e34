import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { DataResource } from 'cdktf';

import { secretFile } from '../../constructs/terraform/project-files';
import { TerraformProject } from './terraform-project';

describe('a secret in a file', () => {
  let project: TerraformProject;

  beforeEach(() => {
    project = new TerraformProject();
  });

  afterEach(async () => {
    await project.remove();
  });

  it.each(['key.pem', 'a "quoted" ${name}.pem', 'ünï %{ code } \\ 1.pem'])(
    'is read by Terraform from %s, and not shown',
    async (name) => {
      writeFileSync(path.join(project.folder, name), 'the secret of it\n');
      project.synth((stack) => {
        new DataResource(stack, 'Reader', { input: { secret: secretFile(stack, name) } });
      });
      await project.init();
      const { ok, output } = await project.apply();

      expect(output).not.toContain('the secret of it');
      expect(ok).toBe(true);
      expect(readFileSync(path.join(project.stackFolder, 'cdk.tf.json'), 'utf8')).not.toContain('the secret');
      expect(readFileSync(path.join(project.folder, 'terraform.tfstate'), 'utf8')).toContain(
        'the secret of it',
      );
    },
  );
});
