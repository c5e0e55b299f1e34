import { TerraformResource, TerraformStack, type TerraformMetaArguments } from 'cdktf';
import type { Construct } from 'constructs';

import { BrainwaveError } from '../../lib/errors/brainwave-error';
import { requireInstalledVersion } from '../../lib/terraform/terraform-version';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { META_ARGUMENTS } from './meta-arguments';
import { requireKnownProps } from '../validation/construct-error';

const checked = new WeakSet<TerraformStack>();

/** Properties of a `TerraformData`. */
export interface TerraformDataConfig extends TerraformMetaArguments {
  /** Value to store in the state. A change updates the resource in place. @default - none */
  readonly input?: Record<string, unknown> | undefined;
  /** Value to store in the state. A change replaces the resource and runs its provisioners again. @default - none */
  readonly triggersReplace?: Record<string, unknown> | undefined;
}

const TERRAFORM_DATA_CONFIG: KnownKeys<TerraformDataConfig> = {
  ...META_ARGUMENTS,
  input: true,
  triggersReplace: true,
};

/**
 * Terraform's built-in `terraform_data` (1.4 or later), a resource without infrastructure for provisioners and triggers.
 * cdktf's `DataResource` declares the same, but runs `terraform version` at synth once per resource. This class runs it
 * once per stack, and only if Terraform is installed.
 */
export class TerraformData extends TerraformResource {
  static readonly tfResourceType = 'terraform_data';
  private readonly config: TerraformDataConfig;

  constructor(scope: Construct, id: string, config: TerraformDataConfig = {}) {
    super(scope, id, {
      ...config,
      terraformResourceType: TerraformData.tfResourceType,
      terraformGeneratorMetadata: { providerName: 'terraform' },
    });
    requireKnownProps(this, config, TERRAFORM_DATA_CONFIG);
    this.config = config;
    const stack = TerraformStack.of(this);
    if (!checked.has(stack)) {
      checked.add(stack);
      stack.node.addValidation({ validate: versionProblems });
    }
  }

  /** Id of the resource, which changes when the resource is replaced. */
  get id(): string {
    return this.getStringAttribute('id');
  }

  /** Value as passed to the constructor, for Aspects and tests. */
  get triggersReplaceInput(): Record<string, unknown> | undefined {
    return this.config.triggersReplace;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const { input, triggersReplace } = this.config;
    return { input, triggers_replace: triggersReplace };
  }
}

function versionProblems(): string[] {
  try {
    requireInstalledVersion();
    return [];
  } catch (error) {
    if (error instanceof BrainwaveError) {
      return [error.message];
    }
    throw error;
  }
}
