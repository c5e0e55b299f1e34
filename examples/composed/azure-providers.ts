import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import type { TerraformStack } from 'cdktf';

import { settings } from './settings';

/**
 * The provider of Europe, which has no alias, and that of America.
 *
 * A provider belongs to one stack. What is declared in another for a cluster of this one finds its provider there by the
 * alias: each stack declares both.
 */
export function declareProviders(stack: TerraformStack): { readonly america: AzurermProvider } {
  new AzurermProvider(stack, 'azurerm', {
    // Application Insights creates an action group in the workspace's resource group that Terraform does not manage;
    // without this setting, destroy refuses to delete the group.
    features: [
      {
        resourceGroup: [{ preventDeletionIfContainsResources: false }],
        // A soft-deleted workspace keeps its name for 14 days: the next one of that name would fail.
        machineLearning: [{ purgeSoftDeletedWorkspaceOnDestroy: true }],
      },
    ],
    storageUseAzuread: true,
  });
  const america = new AzurermProvider(stack, 'azurerm-america', {
    alias: 'america',
    subscriptionId: settings.americaSubscription,
    features: [{}],
  });
  return { america };
}
