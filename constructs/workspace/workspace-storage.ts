import { MachineLearningDatastoreBlobstorage } from '@cdktf/provider-azurerm/lib/machine-learning-datastore-blobstorage';
import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import { Fn, Token } from 'cdktf';
import type { Construct } from 'constructs';

import { AZURE_NAMES, azureName } from '../azure/azure-name';
import { ConstructError } from '../validation/construct-error';
import type { AzureWorkspace, IWorkspace } from './workspace';

/**
 * The storage account of a workspace.
 * @param kept what is kept there, for the message: `the model is`
 * @throws ConstructError where it is not known
 */
function requireStorage(
  scope: Construct,
  workspace: IWorkspace,
  { storageAccountId, storageAccountName }: AzureWorkspace,
  kept: string,
): { storageAccountId: string; storageAccountName: string } {
  if (storageAccountId === undefined || storageAccountName === undefined) {
    throw new ConstructError(
      scope,
      `the storage account of ${workspace.node.path} is not known, and ${kept} kept there; ` +
        'set azure.storageAccountId and azure.storageAccountName, or use Workspace.fromWorkspaceAttributes',
    );
  }
  return { storageAccountId, storageAccountName };
}

/** A container of its own, and the datastore by which the workspace reads it. */
export interface WorkspaceDatastore {
  readonly container: StorageContainer;
  readonly datastore: MachineLearningDatastoreBlobstorage;
  /** For blobs. */
  readonly storageAccountName: string;
}

/**
 * Declares a container in the workspace's storage account as a datastore, below this construct.
 * @param kept what is kept there, for the message: `the model is`
 * @throws ConstructError where the storage account is not known
 * @internal
 */
export function declareDatastore(
  scope: Construct,
  workspace: IWorkspace,
  azure: AzureWorkspace,
  kept: string,
): WorkspaceDatastore {
  const { storageAccountId, storageAccountName } = requireStorage(scope, workspace, azure, kept);
  const meta = { ...(azure.provider && { provider: azure.provider }) };
  const container = new StorageContainer(scope, 'Container', {
    name: azureName(scope, AZURE_NAMES.storageContainer),
    storageAccountId,
    containerAccessType: 'private',
    ...meta,
  });
  const datastore = new MachineLearningDatastoreBlobstorage(scope, 'Datastore', {
    name: azureName(scope, AZURE_NAMES.datastore),
    workspaceId: azure.workspaceId,
    storageContainerId: container.id,
    serviceDataAuthIdentity: azure.datastoreIdentity ?? 'WorkspaceSystemAssignedIdentity',
    ...meta,
  });
  return { container, datastore, storageAccountName };
}

/**
 * The subscription in an ARM id, also where the id is a token.
 * @internal
 */
export function subscriptionOf(resourceId: string): string {
  return Token.isUnresolved(resourceId)
    ? Token.asString(Fn.element(Fn.split('/', resourceId), 2))
    : (resourceId.split('/')[2] ?? '');
}
