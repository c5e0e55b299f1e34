import { ref, TerraformDataSource, Token, type IResolvable, type TerraformMetaArguments } from 'cdktf';
import type { Construct } from 'constructs';

import { requireProvidersInStack } from './stack-providers';

/** @internal */
export interface EphemeralResourceConfig extends TerraformMetaArguments {
  /** `azurerm_key_vault_secret`. */
  readonly type: string;
  /** Arguments by their names in Terraform. */
  readonly attributes: Readonly<Record<string, string | number | boolean | undefined>>;
}

/**
 * An `ephemeral` block, for which CDKTF has no class: Terraform opens the resource whenever it plans or applies, and stores
 * none of its values. They may be used only in write-only attributes, in provisioners and in provider blocks of the same
 * stack.
 * @see https://developer.hashicorp.com/terraform/language/block/ephemeral
 * @internal
 */
export class EphemeralResource extends TerraformDataSource {
  private readonly attributes: EphemeralResourceConfig['attributes'];

  constructor(scope: Construct, id: string, { type, attributes, ...metaArguments }: EphemeralResourceConfig) {
    super(scope, id, {
      ...metaArguments,
      terraformResourceType: type,
      terraformGeneratorMetadata: { providerName: type.slice(0, type.indexOf('_')) },
    });
    requireProvidersInStack(this);
    this.attributes = attributes;
  }

  override getStringAttribute(name: string): string {
    return Token.asString(this.interpolationForAttribute(name));
  }

  override interpolationForAttribute(name: string): IResolvable {
    return ref(`ephemeral.${this.terraformResourceType}.${this.friendlyUniqueId}.${name}`, this.cdktfStack);
  }

  override toTerraform(): { ephemeral: unknown } {
    const { data } = super.toTerraform() as { data: unknown };
    return { ephemeral: data };
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { ...this.attributes };
  }
}
