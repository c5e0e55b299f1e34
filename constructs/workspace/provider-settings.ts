import type { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { Aspects, TerraformProvider, TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';

import { addWarning } from '../validation/warning';

/** Properties of a workspace that depend on provider settings. */
interface WorkspaceResources extends IConstruct {
  readonly resourceGroup?: IConstruct | undefined;
  readonly applicationInsights?: IConstruct | undefined;
  readonly storageAccount?: StorageAccount | undefined;
}

/** azurerm settings that a workspace depends on, by their names in the synthesized JSON. */
interface AzurermSettings {
  readonly features?:
    | readonly {
        readonly resource_group?: readonly Readonly<Record<string, unknown>>[] | undefined;
        readonly storage?: readonly Readonly<Record<string, unknown>>[] | undefined;
      }[]
    | undefined;
  readonly storage_use_azuread?: unknown;
}

/**
 * Warns at synth if the azurerm provider of a workspace lacks a setting without which Terraform fails, at the first blob or
 * only at destroy.
 * @internal
 */
export function warnOfProviderSettings(
  workspace: WorkspaceResources,
  provider: TerraformProvider | undefined,
): void {
  // The provider may be declared after the workspace.
  Aspects.of(workspace).add({
    visit: (node) => {
      const settings = node === workspace ? settingsOf(provider ?? defaultProvider(workspace)) : undefined;
      for (const warning of settings ? warnings(workspace, settings) : []) {
        addWarning(workspace, warning);
      }
    },
  });
}

function warnings(workspace: WorkspaceResources, settings: AzurermSettings): string[] {
  const found: string[] = [];
  const group = settings.features?.[0]?.resource_group?.[0];
  // @see https://github.com/hashicorp/terraform-provider-azurerm/issues/18026
  if (
    workspace.resourceGroup &&
    workspace.applicationInsights &&
    group?.prevent_deletion_if_contains_resources === undefined
  ) {
    found.push(
      "destroy will fail: Application Insights creates an action group in the workspace's resource group, and azurerm " +
        'does not delete a resource group that contains resources it does not manage; set ' +
        'features: [{ resourceGroup: [{ preventDeletionIfContainsResources: false }] }] of AzurermProvider, or true to keep the group',
    );
  }
  if (
    workspace.storageAccount?.sharedAccessKeyEnabledInput === false &&
    settings.storage_use_azuread === undefined
  ) {
    found.push(
      'the keys of the storage account are disabled, but azurerm uses them to write blobs; set storageUseAzuread: true of ' +
        'AzurermProvider and assign the role Storage Blob Data Contributor to the deploying identity',
    );
  }
  if (
    workspace.storageAccount?.publicNetworkAccessEnabledInput === false &&
    settings.features?.[0]?.storage?.[0]?.data_plane_available !== false
  ) {
    found.push(
      'apply will fail: azurerm waits for the queues and the web endpoint of a new storage account, which has no public access ' +
        'with networkIsolation; set features: [{ storage: [{ dataPlaneAvailable: false }] }] of AzurermProvider',
    );
  }
  return found;
}

function defaultProvider(workspace: WorkspaceResources): TerraformProvider | undefined {
  return TerraformStack.of(workspace)
    .node.findAll()
    .filter((each) => TerraformProvider.isTerraformProvider(each))
    .find(({ terraformResourceType, alias }) => terraformResourceType === 'azurerm' && alias === undefined);
}

/** Returns the settings, including those set with escape hatches. */
function settingsOf(provider: TerraformProvider | undefined): AzurermSettings | undefined {
  const json = provider?.toTerraform() as
    | { readonly provider?: { readonly azurerm?: readonly AzurermSettings[] | undefined } | undefined }
    | undefined;
  return json?.provider?.azurerm?.[0];
}
