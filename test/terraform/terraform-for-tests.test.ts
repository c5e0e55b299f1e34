import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { terraformForTests } from '../support/terraform';
import { fakeTerraform, writeExecutable } from './fake-terraform';

describe('the Terraform of the end-to-end tests', () => {
  let folder: string;
  let terraform: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'terraform-for-tests-'));
    terraform = writeExecutable(join(folder, 'terraform'), fakeTerraform('1.11.4'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is OpenTofu where tofu is on PATH', async () => {
    const tofu = writeExecutable(join(folder, 'tofu'), fakeTerraform('1.9.0', 'opentofu'));

    expect(await terraformForTests({ PATH: folder })).toEqual({
      path: tofu,
      product: 'opentofu',
      version: '1.9.0',
    });
  });

  it('is Terraform where it is not', async () => {
    expect(await terraformForTests({ PATH: folder })).toMatchObject({ path: terraform });
  });

  it('is what TERRAFORM_BINARY_NAME names, whatever else there is', async () => {
    writeExecutable(join(folder, 'tofu'), fakeTerraform('1.9.0', 'opentofu'));
    const env = { PATH: folder, TERRAFORM_BINARY_NAME: 'terraform' };

    expect(await terraformForTests(env)).toMatchObject({ path: terraform });
  });
});
