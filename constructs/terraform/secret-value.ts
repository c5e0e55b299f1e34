import { Fn, Token, type TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';

import { ConstructError } from '../validation/construct-error';

/**
 * Returns a secret that stays sensitive in other stacks. CDKTF marks the output of a value that crosses stacks as
 * sensitive, but `terraform_remote_state` passes it to the other stack as plain text, whose plan would print it.
 * @internal
 */
export function sensitiveToken(value: string): string {
  return Token.asString(Fn.sensitive(value));
}

/**
 * Requires that a variable keeps its value secret: Terraform prints values that are not sensitive, and the JSON contains
 * defaults.
 * @param what name of the property
 * @param content name of the value that Terraform would print
 * @internal
 */
export function requireSecretVariable(
  scope: Construct,
  what: string,
  variable: TerraformVariable,
  content = 'the key',
): void {
  if (variable.sensitive !== true) {
    throw new ConstructError(
      scope,
      `the variable of ${what} ("${variable.node.id}") is not sensitive, so Terraform would print ${content}; set sensitive: true`,
    );
  }
  if (variable.default !== undefined) {
    throw new ConstructError(
      scope,
      `the variable of ${what} ("${variable.node.id}") has a default, which the synthesized JSON would contain; remove it`,
    );
  }
}
