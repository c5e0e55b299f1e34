import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import type { TerraformStack } from 'cdktf';

import { settings } from './settings';

/**
 * Declares the provider for Europe, which has no alias, and the provider for America.
 *
 * A provider belongs to one stack. Resources that another stack declares for a cluster of this stack use the provider with
 * the same alias in their own stack, so each stack declares both.
 */
export function declareProviders(stack: TerraformStack): { readonly america: AzurermProvider } {
  new AzurermProvider(stack, 'azurerm', {
    // Application Insights creates an action group in the workspace's resource group that Terraform does not manage;
    // without this setting, destroy refuses to delete the group.
    features: [{ resourceGroup: [{ preventDeletionIfContainsResources: false }] }],
    // Read and write files with roles: the keys of the storage account are disabled.
    storageUseAzuread: true,
  });
  const america = new AzurermProvider(stack, 'azurerm-america', {
    alias: 'america',
    subscriptionId: settings.americaSubscription,
    features: [{}],
  });
  return { america };
}
