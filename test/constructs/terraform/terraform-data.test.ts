import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { DataResource, type DataConfig, type TerraformStack } from 'cdktf';

import { TerraformData } from '../../../constructs';
import { synthStack } from '../../../constructs/testing';
import { fakeTerraform, writeExecutable } from '../../terraform/fake-terraform';
import { refusal } from '../support/messages';
import { TestProject } from '../support/test-project';

describe('terraform_data', () => {
  const before = process.env.TERRAFORM_BINARY_NAME;
  let project: TestProject;
  let stack: TerraformStack;

  beforeEach(() => {
    project = new TestProject();
    stack = project.stack();
  });

  afterEach(() => {
    if (before === undefined) {
      delete process.env.TERRAFORM_BINARY_NAME;
    } else {
      process.env.TERRAFORM_BINARY_NAME = before;
    }
    project.leave();
  });

  function useTerraform(script: string): string {
    const binary = writeExecutable(path.join(project.folder, 'bin/terraform'), script);
    process.env.TERRAFORM_BINARY_NAME = binary;
    return binary;
  }

  it('is what cdktf makes of a DataResource', () => {
    const upstream = new TerraformData(stack, 'Upstream');
    const config: DataConfig = {
      input: {
        host: 'scoring.example.com',
        ports: [443, 8081],
        empty: undefined,
        nested: { id: upstream.id },
      },
      triggersReplace: { upstream: upstream.id },
      provisioners: [{ type: 'local-exec', command: 'true' }],
      dependsOn: [upstream],
    };
    new TerraformData(stack, 'Ours', config);
    new DataResource(stack, 'Theirs', config);

    const { resource } = JSON.parse(synthStack(stack).json) as {
      resource: { terraform_data: Record<string, Record<string, unknown>> };
    };
    const { Ours: ours, Theirs: theirs } = resource.terraform_data;

    expect({ ...ours, '//': {} }).toEqual({ ...theirs, '//': {} });
    expect(ours.triggers_replace).toEqual({ upstream: '${terraform_data.Upstream.id}' });
  });

  it('runs terraform version once per stack', () => {
    const log = path.join(project.folder, 'asked');
    useTerraform(fakeTerraform('1.11.4').replace('#!/bin/sh\n', `#!/bin/sh\necho asked >> '${log}'\n`));
    for (let count = 0; count < 20; count += 1) {
      new TerraformData(stack, `Data${count}`);
    }

    synthStack(stack);

    expect(readFileSync(log, 'utf8')).toBe('asked\n');
  });

  it('is rejected where Terraform is too old to know it, once', () => {
    const binary = useTerraform(fakeTerraform('1.3.9'));
    new TerraformData(stack, 'First');
    new TerraformData(stack, 'Second');

    expect(refusal(() => synthStack(stack))).toBe(
      `the stack cannot be synthesized:\n[stack] ${binary} is version 1.3.9, expected 1.4 or later (the first with ` +
        'terraform_data); update it, or set TERRAFORM_BINARY_NAME to a later Terraform or OpenTofu',
    );
  });

  it('accepts OpenTofu', () => {
    useTerraform(fakeTerraform('1.9.0', 'opentofu'));
    new TerraformData(stack, 'Data');

    expect(synthStack(stack).json).toContain('terraform_data');
  });

  it('synthesizes without Terraform, which only a plan requires', () => {
    process.env.TERRAFORM_BINARY_NAME = path.join(project.folder, 'missing');
    new TerraformData(stack, 'Data');

    expect(existsSync(process.env.TERRAFORM_BINARY_NAME)).toBe(false);
    expect(synthStack(stack).json).toContain('terraform_data');
  });
});
