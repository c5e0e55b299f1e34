import { TerraformStack, TerraformVariable, type TerraformVariableConfig } from 'cdktf';

import { ApiKeys, ConstructError } from '../../../constructs';
import { refusal } from '../support/messages';
import { TestProject } from '../support/test-project';

describe('keys from variables', () => {
  let project: TestProject;
  let stack: TerraformStack;

  beforeEach(() => {
    project = new TestProject();
    stack = project.stack();
  });

  afterEach(() => {
    project.leave();
  });

  function bind(primary: TerraformVariableConfig, secondary: TerraformVariableConfig = { sensitive: true }) {
    const primaryKey = new TerraformVariable(stack, 'primary_key', primary);
    const secondaryKey = new TerraformVariable(stack, 'secondary_key', secondary);
    return ApiKeys.fromVariables({ primaryKey, secondaryKey }).bind(stack);
  }

  it('are sensitive variables without a default', () => {
    expect(bind({ sensitive: true })).toEqual({
      primaryKey: expect.stringContaining('TfToken') as string,
      secondaryKey: expect.stringContaining('TfToken') as string,
      revision: expect.stringContaining('TfToken') as string,
    });
  });

  it('are rejected where Terraform would print them', () => {
    expect(refusal(() => bind({}))).toMatch(
      /^stack: the variable of primaryKey \("primary_key"\) is not sensitive, so Terraform would print /,
    );
  });

  it('are rejected if the JSON would contain one, without showing it', () => {
    const message = refusal(() => bind({ sensitive: true }, { sensitive: true, default: 'very-secret' }));
    expect(message).toBe(
      'stack: the variable of secondaryKey ("secondary_key") has a default, ' +
        'which the synthesized JSON would contain; remove it',
    );
  });

  it('are rejected with an error that programs know', () => {
    const error: unknown = (() => {
      try {
        return bind({ sensitive: false });
      } catch (reason) {
        return reason;
      }
    })();
    expect(error).toBeInstanceOf(ConstructError);
    expect(error).toMatchObject({ name: 'ConstructError', code: 'CONSTRUCT_INVALID' });
  });
});
