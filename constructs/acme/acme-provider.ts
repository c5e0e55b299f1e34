import { TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { requireKnownProps } from '../validation/construct-error';
import { requirePattern } from '../validation/synth-value';

/**
 * Provider metadata of the acme resources.
 * @internal
 */
export const ACME_METADATA = {
  providerName: 'acme',
  /*
   * 2.44 can renew a certificate at a fraction of its lifetime.
   * See https://github.com/vancluever/terraform-provider-acme/blob/main/CHANGELOG.md.
   */
  providerVersionConstraint: '~> 2.44',
};

/** Certificate authority of the `acme` provider. */
export interface AcmeProviderProps {
  /** URL of the authority's ACME directory, such as `AcmeProvider.LETS_ENCRYPT`. */
  readonly serverUrl: string;
  /**
   * Alias of the provider, if the stack has several.
   * @default - none; the provider is the default of all ACME accounts
   */
  readonly alias?: string | undefined;
}

const ACME_PROVIDER_PROPS: KnownKeys<AcmeProviderProps> = { serverUrl: true, alias: true };

/**
 * The provider `vancluever/acme`, which orders certificates from an authority that speaks ACME (RFC 8555).
 * @see https://registry.terraform.io/providers/vancluever/acme/latest/docs
 */
export class AcmeProvider extends TerraformProvider {
  /**
   * Let's Encrypt. Its rate limits are low: use the staging environment to try a stack.
   * @see https://letsencrypt.org/docs/rate-limits/
   */
  static readonly LETS_ENCRYPT = 'https://acme-v02.api.letsencrypt.org/directory';
  /**
   * The staging environment of Let's Encrypt, whose certificates no client trusts by default.
   * @see https://letsencrypt.org/docs/staging-environment/
   */
  static readonly LETS_ENCRYPT_STAGING = 'https://acme-staging-v02.api.letsencrypt.org/directory';

  private aliasName?: string | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AcmeProviderProps,
  ) {
    super(scope, id, {
      terraformResourceType: 'acme',
      terraformGeneratorMetadata: ACME_METADATA,
      terraformProviderSource: 'vancluever/acme',
    });
    requireKnownProps(this, props, ACME_PROVIDER_PROPS);
    requirePattern(
      this,
      'serverUrl',
      props.serverUrl,
      /^https:\/\/[^\s/]+(\/\S*)?$/,
      `the https URL of an authority's ACME directory, such as ${AcmeProvider.LETS_ENCRYPT}`,
    );
    this.aliasName = props.alias;
  }

  /** Alias of the provider, if the stack has several. */
  override get alias(): string | undefined {
    return this.aliasName;
  }

  override set alias(alias: string | undefined) {
    this.aliasName = alias;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { alias: this.aliasName, server_url: this.props.serverUrl };
  }
}
