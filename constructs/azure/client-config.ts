import type { TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';

import { DataAzurermClientConfig } from '../bindings/azurerm';
import { oncePerStack } from '../terraform/once-per-stack';

/**
 * Returns the identity that runs Terraform and its subscription. Declares one data source per stack and provider.
 * @internal
 */
export function clientConfig(scope: Construct, provider?: TerraformProvider): DataAzurermClientConfig {
  const id = provider ? `AzureClient-${provider.node.id}` : 'AzureClient';
  return oncePerStack(scope, id, (stack) => new DataAzurermClientConfig(stack, id, { provider }));
}
