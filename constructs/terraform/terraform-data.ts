import { TerraformResource, TerraformStack, type TerraformMetaArguments } from 'cdktf';
import type { Construct } from 'constructs';

import { BrainwaveError } from '../../lib/errors/brainwave-error';
import { requireInstalledVersion } from '../../lib/terraform/terraform-version';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { requireKnownProps } from '../validation/construct-error';

const checked = new WeakSet<TerraformStack>();

/** What a `TerraformData` stores. */
export interface TerraformDataConfig extends TerraformMetaArguments {
  /** Stored in the state; a change updates it in place. @default - nothing */
  readonly input?: Record<string, unknown> | undefined;
  /** Stored in the state; a change replaces the resource, and runs its provisioners again. @default - nothing */
  readonly triggersReplace?: Record<string, unknown> | undefined;
}

const TERRAFORM_DATA_CONFIG: KnownKeys<TerraformDataConfig> = {
  count: true,
  dependsOn: true,
  forEach: true,
  connection: true,
  lifecycle: true,
  provider: true,
  provisioners: true,
  input: true,
  triggersReplace: true,
};

/**
 * Terraform's built-in `terraform_data`, from 1.4 on: nothing by itself, it carries provisioners and triggers. cdktf's
 * `DataResource` declares the same, but runs `terraform version` at synth once for each; this asks once for a stack, and
 * only of a Terraform that is there.
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

  /** Another one for each resource that took this one's place. */
  get id(): string {
    return this.getStringAttribute('id');
  }

  /** As it was given, for Aspects and tests. */
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
