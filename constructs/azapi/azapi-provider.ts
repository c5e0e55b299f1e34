import { TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { requireKnownProps } from '../validation/construct-error';

/**
 * How our azapi resources name their provider.
 * @internal
 */
export const AZAPI_METADATA = {
  providerName: 'azapi',
  /*
   * 2.8.0 fails to update any resource in place with Terraform below 1.12.
   * See https://github.com/Azure/terraform-provider-azapi/issues/1023.
   */
  providerVersionConstraint: '~> 2.9',
};

/** As whom, and with which defaults, `azapi` works. */
export interface AzapiProviderProps {
  /**
   * Where a stack has several: the name by which resources choose this one.
   * @default - the provider of every azapi resource that names none
   */
  readonly alias?: string | undefined;
  /** @default - `ARM_SUBSCRIPTION_ID`, or the Azure CLI's */
  readonly subscriptionId?: string | undefined;
  /** @default - `ARM_TENANT_ID`, or the Azure CLI's */
  readonly tenantId?: string | undefined;
  /** @default - `ARM_CLIENT_ID`, or who is logged in */
  readonly clientId?: string | undefined;
  /**
   * Whether a pipeline's OpenID Connect token logs in.
   * @default - `ARM_USE_OIDC`
   */
  readonly useOidc?: boolean | undefined;
  /**
   * Whether a managed identity logs in.
   * @default - `ARM_USE_MSI`
   */
  readonly useMsi?: boolean | undefined;
  /**
   * Whether the Azure CLI's login is used.
   * @default - `ARM_USE_CLI`, or true
   */
  readonly useCli?: boolean | undefined;
  /**
   * `public`, `usgovernment` or `china`.
   * @default - `ARM_ENVIRONMENT`, or `public`
   */
  readonly environment?: string | undefined;
}

const AZAPI_PROVIDER_PROPS: KnownKeys<AzapiProviderProps> = {
  alias: true,
  subscriptionId: true,
  tenantId: true,
  clientId: true,
  useOidc: true,
  useMsi: true,
  useCli: true,
  environment: true,
};

/**
 * The provider `azure/azapi`, which has what `azurerm` has not: models of a machine learning workspace, for one. It logs in
 * as `azurerm` does. Secrets have no property here; they come from the environment (`ARM_CLIENT_SECRET`).
 */
export class AzapiProvider extends TerraformProvider {
  private aliasName?: string | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AzapiProviderProps = {},
  ) {
    super(scope, id, {
      terraformResourceType: 'azapi',
      terraformGeneratorMetadata: AZAPI_METADATA,
      terraformProviderSource: 'azure/azapi',
    });
    requireKnownProps(this, props, AZAPI_PROVIDER_PROPS);
    this.aliasName = props.alias;
  }

  /** The name by which resources choose this provider, where a stack has several. */
  override get alias(): string | undefined {
    return this.aliasName;
  }

  override set alias(alias: string | undefined) {
    this.aliasName = alias;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const { subscriptionId, tenantId, clientId, useOidc, useMsi, useCli, environment } = this.props;
    return {
      alias: this.aliasName,
      subscription_id: subscriptionId,
      tenant_id: tenantId,
      client_id: clientId,
      use_oidc: useOidc,
      use_msi: useMsi,
      use_cli: useCli,
      environment,
    };
  }
}
