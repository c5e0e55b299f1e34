import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { findTerraform } from '../../lib/terraform/find-terraform';
import {
  TerraformNotFoundError,
  TerraformNotUsableError,
  TerraformTooOldError,
} from '../../lib/terraform/terraform-errors';
import { terraformForTests } from '../support/terraform';
import { fakeTerraform, writeExecutable } from './fake-terraform';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'find-terraform-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('findTerraform', () => {
  it('recognizes a real one', async () => {
    const real = await terraformForTests();
    const found = await findTerraform({ env: { ...process.env, TERRAFORM_BINARY_NAME: real.path } });
    expect(found).toEqual(real);
    expect(found?.version).toMatch(/^1\.\d+\.\d+/);
    // It may have to be fetched.
  }, 300_000);

  it('finds terraform before tofu, in the order of PATH', async () => {
    writeExecutable(join(folder, 'a', 'tofu'), fakeTerraform('1.9.0', 'opentofu'));
    const terraform = writeExecutable(join(folder, 'b', 'terraform'), fakeTerraform('1.11.4'));
    writeExecutable(join(folder, 'c', 'terraform'), fakeTerraform('1.5.0'));
    const PATH = ['a', 'b', 'c'].map((name) => join(folder, name)).join(delimiter);
    expect(await findTerraform({ env: { PATH } })).toEqual({
      path: terraform,
      product: 'terraform',
      version: '1.11.4',
    });
  });

  it('finds tofu if terraform is missing', async () => {
    const path = writeExecutable(join(folder, 'tofu'), fakeTerraform('1.9.0', 'opentofu'));
    const expected = { path, product: 'opentofu', version: '1.9.0' };
    expect(await findTerraform({ env: { PATH: folder } })).toEqual(expected);
  });

  it('knows OpenTofu by its answer where it goes by the name of terraform', async () => {
    writeExecutable(join(folder, 'terraform'), fakeTerraform('1.9.0', 'opentofu'));
    expect((await findTerraform({ env: { PATH: folder } }))?.product).toBe('opentofu');
  });

  it('finds nothing if nothing is installed', async () => {
    mkdirSync(join(folder, 'terraform'));
    chmodSync(writeExecutable(join(folder, 'x', 'terraform'), fakeTerraform('1.11.4')), 0o644);
    expect(
      await findTerraform({ env: { PATH: [folder, join(folder, 'x')].join(delimiter) } }),
    ).toBeUndefined();
    expect(await findTerraform({ env: { PATH: '' } })).toBeUndefined();
    expect(await findTerraform({ env: {} })).toBeUndefined();
  });

  it('uses TERRAFORM_BINARY_NAME: a command or a path', async () => {
    writeExecutable(join(folder, 'terraform'), fakeTerraform('1.11.4'));
    const path = writeExecutable(join(folder, 'tofu-1.9'), fakeTerraform('1.9.0', 'opentofu'));
    for (const TERRAFORM_BINARY_NAME of ['tofu-1.9', path, relative(process.cwd(), path)]) {
      const found = await findTerraform({ env: { PATH: folder, TERRAFORM_BINARY_NAME } });
      expect(found).toEqual({ path, product: 'opentofu', version: '1.9.0' });
    }
    const unset = await findTerraform({ env: { PATH: folder, TERRAFORM_BINARY_NAME: '' } });
    expect(unset?.version).toBe('1.11.4');
  });

  it('uses no other binary if TERRAFORM_BINARY_NAME does not exist', async () => {
    writeExecutable(join(folder, 'terraform'), fakeTerraform('1.11.4'));
    const command = findTerraform({ env: { PATH: folder, TERRAFORM_BINARY_NAME: 'terraform-1.4' } });
    await expect(command).rejects.toBeInstanceOf(TerraformNotFoundError);
    await expect(command).rejects.toThrow(
      'TERRAFORM_BINARY_NAME is "terraform-1.4", but no such command is on PATH; set it to a command on PATH or ' +
        'the path of an executable, or unset it to use terraform or tofu from PATH',
    );
    const path = findTerraform({ env: { PATH: folder, TERRAFORM_BINARY_NAME: './none/terraform' } });
    await expect(path).rejects.toThrow('but no executable file is at that path');
  });

  it('rejects versions before terraform_data', async () => {
    const path = writeExecutable(join(folder, 'terraform'), fakeTerraform('1.3.10'));
    const found = findTerraform({ env: { PATH: folder } });
    await expect(found).rejects.toBeInstanceOf(TerraformTooOldError);
    await expect(found).rejects.toThrow(
      `${path} is version 1.3.10, expected 1.4 or later (the first with terraform_data); update it`,
    );
    writeExecutable(path, fakeTerraform('1.4.0'));
    expect((await findTerraform({ env: { PATH: folder } }))?.version).toBe('1.4.0');
  });

  it.each([
    [
      '#!/bin/sh\necho "no version is set for terraform" >&2; exit 126\n',
      ' and printed "no version is set for terraform"',
    ],
    ['#!/bin/sh\necho hello\n', '`version -json` returned "hello", expected JSON with terraform_version'],
    [
      '#!/bin/sh\necho \'{"terraform_version": "latest"}\'\n',
      'its version is "latest", expected a version such as 1.11.4',
    ],
    ['#!/no/such/interpreter\n', '`version -json` ended with ENOENT'],
  ])('reports what is wrong with one that does not answer: %j', async (script, message) => {
    const path = writeExecutable(join(folder, 'terraform'), script);
    const found = findTerraform({ env: { PATH: folder } });
    await expect(found).rejects.toBeInstanceOf(TerraformNotUsableError);
    await expect(found).rejects.toThrow(`${path} is not a usable Terraform: `);
    await expect(found).rejects.toThrow(message);
    await expect(found).rejects.toThrow('set TERRAFORM_BINARY_NAME to another Terraform or OpenTofu');
  });
});
