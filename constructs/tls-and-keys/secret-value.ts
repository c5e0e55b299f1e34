import { Fn, Token, type TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';

import { ConstructError } from '../validation/construct-error';

/**
 * A secret that stays one in whatever stack it is used. CDKTF's output of a value that crosses stacks is sensitive, but
 * `terraform_remote_state` hands it to the other stack as any text: that one's plan would print it.
 * @internal
 */
export function sensitiveToken(value: string): string {
  return Token.asString(Fn.sensitive(value));
}

/**
 * Requires a variable to keep a secret: Terraform prints what is not sensitive, and a default stands in the JSON.
 * @param what the property
 * @param content what Terraform would print
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
      `the variable of ${what} ("${variable.node.id}") is not sensitive; set sensitive: true, or Terraform prints ${content}`,
    );
  }
  if (variable.default !== undefined) {
    throw new ConstructError(
      scope,
      `the variable of ${what} ("${variable.node.id}") has a default, which would stand in the synthesized JSON; remove it`,
    );
  }
}
