import { DataAzurermClientConfig } from '@cdktf/provider-azurerm/lib/data-azurerm-client-config';
import { TerraformStack, type TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';

/**
 * Returns the identity that runs Terraform and its subscription. Declares one data source per stack and provider.
 * @internal
 */
export function clientConfig(scope: Construct, provider?: TerraformProvider): DataAzurermClientConfig {
  const stack = TerraformStack.of(scope);
  const id = provider ? `AzureClient-${provider.node.id}` : 'AzureClient';
  const existing = stack.node.tryFindChild(id) as DataAzurermClientConfig | undefined;
  return existing ?? new DataAzurermClientConfig(stack, id, { provider });
}
