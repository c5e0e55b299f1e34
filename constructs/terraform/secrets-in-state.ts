import { TerraformElement, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';

import { installedVersion, isOlder } from '../../lib/terraform/terraform-version';
import { ConstructError } from '../validation/construct-error';
import { addWarning } from '../validation/warning';
import { oncePerStack } from './once-per-stack';

/**
 * Context of an app (`context` in `cdktf.json`) that keeps secrets in the state, for older versions of Terraform.
 * @internal
 */
export const SECRETS_IN_STATE = 'cdktf-brainwave:secretsInState';

/**
 * First version of Terraform and of OpenTofu with both ephemeral resources and write-only attributes.
 * @see https://developer.hashicorp.com/terraform/language/manage-sensitive-data/ephemeral
 * @see https://opentofu.org/docs/language/ephemerality/
 */
const MINIMUM = { major: 1, minor: 11 };

/**
 * Returns whether secrets that pass through Terraform are stored in its state. By default they are not, which requires
 * Terraform or OpenTofu 1.11: the stack then declares that version. With the context `cdktf-brainwave:secretsInState` they
 * are, and there is a warning. The JSON must not depend on the machine that synthesizes, so the installed version does not
 * decide.
 * @throws ConstructError if the context is not true or false
 * @internal
 */
export function secretsInState(scope: Construct): boolean {
  const value: unknown = scope.node.tryGetContext(SECRETS_IN_STATE);
  switch (value) {
    case undefined:
    case false:
    case 'false':
      oncePerStack(scope, 'TerraformVersion', (stack, id) => new RequiredVersion(stack, id));
      return false;
    case true:
    case 'true':
      oncePerStack(scope, 'SecretsInState', (stack, id) => new SecretsInState(stack, id));
      return true;
    default:
      throw new ConstructError(
        scope,
        `the context ${SECRETS_IN_STATE} is ${JSON.stringify(value)}; expected true or false`,
      );
  }
}

/**
 * Makes the stack require the version of Terraform or OpenTofu that keeps secrets out of the state, for a secret that can only be
 * passed on that way.
 * @param what what the secret is, for the message
 * @throws ConstructError if the context asks to keep secrets in the state
 * @internal
 */
export function requireWriteOnly(scope: Construct, what: string): void {
  if (secretsInState(scope)) {
    throw new ConstructError(
      scope,
      `the context ${SECRETS_IN_STATE} is set, but ${what} can only be passed on without being stored; install Terraform or OpenTofu ` +
        `${MINIMUM.major}.${MINIMUM.minor} or later, and remove the context`,
    );
  }
}

/** Makes older versions of Terraform reject the stack with their own message, instead of one about unknown blocks. */
class RequiredVersion extends TerraformElement {
  constructor(stack: TerraformStack, id: string) {
    super(stack, id, 'terraform');
    this.node.addValidation({ validate: () => this.problems() });
  }

  /** Merged before the overrides of the stack, so a stricter version of the user's has precedence. */
  override toTerraform(): { terraform: { required_version: string } } {
    return { terraform: { required_version: `>= ${MINIMUM.major}.${MINIMUM.minor}.0` } };
  }

  private problems(): string[] {
    const installed = installedVersion();
    return installed && isOlder(installed.version, MINIMUM)
      ? [
          `${TerraformStack.of(this).node.path}: ${installed.binary} is version ${installed.version}, but keeping secrets out ` +
            `of the state requires ${MINIMUM.major}.${MINIMUM.minor} or later; install a newer version, or set "${SECRETS_IN_STATE}": "true" ` +
            'in the context of cdktf.json',
        ]
      : [];
  }
}

class SecretsInState extends TerraformElement {
  constructor(stack: TerraformStack, id: string) {
    super(stack, id, 'terraform');
    addWarning(
      stack,
      `the context ${SECRETS_IN_STATE} is set, so the state contains the private keys and keys of services; remove it once Terraform or ` +
        `OpenTofu is ${MINIMUM.major}.${MINIMUM.minor} or later`,
    );
  }

  override toTerraform(): object {
    return {};
  }
}
