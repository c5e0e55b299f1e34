import { TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { requireKnownProps } from '../validation/construct-error';

/**
 * Provider metadata of the azapi resources.
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

/** Credentials and environment of the `azapi` provider. */
export interface AzapiProviderProps {
  /**
   * Alias of the provider, if the stack has several.
   * @default - none; the provider is the default of all azapi resources
   */
  readonly alias?: string | undefined;
  /** @default - `ARM_SUBSCRIPTION_ID`, or that of the Azure CLI */
  readonly subscriptionId?: string | undefined;
  /** @default - `ARM_TENANT_ID`, or that of the Azure CLI */
  readonly tenantId?: string | undefined;
  /** @default - `ARM_CLIENT_ID`, or the identity that is logged in */
  readonly clientId?: string | undefined;
  /**
   * Whether to authenticate with the OpenID Connect token of a pipeline.
   * @default - `ARM_USE_OIDC`
   */
  readonly useOidc?: boolean | undefined;
  /**
   * Whether to authenticate with a managed identity.
   * @default - `ARM_USE_MSI`
   */
  readonly useMsi?: boolean | undefined;
  /**
   * Whether to authenticate with the Azure CLI.
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
 * The provider `azure/azapi`, for resources that `azurerm` does not support, such as models of a machine learning
 * workspace. It authenticates like `azurerm`. Pass secrets in the environment (`ARM_CLIENT_SECRET`); there is no prop.
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

  /** Alias of the provider, if the stack has several. */
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
