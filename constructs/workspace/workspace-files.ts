import { createHash } from 'node:crypto';

import type { MachineLearningDatastoreBlobstorage } from '@cdktf/provider-azurerm/lib/machine-learning-datastore-blobstorage';
import { StorageBlob } from '@cdktf/provider-azurerm/lib/storage-blob';
import type { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import type { FolderContent } from '../online-endpoint/folder-content';
import { stagedAsset } from '../terraform/staged-asset';
import type { AzureWorkspace, IWorkspace } from './workspace';
import { declareDatastore, subscriptionOf } from './workspace-storage';

/** @internal */
export interface WorkspaceFilesProps {
  readonly workspace: IWorkspace;
  readonly azure: AzureWorkspace;
  readonly content: FolderContent;
  /** The name of the folder that is made of the files. */
  readonly folderName: string;
}

/**
 * A folder's files in a private container of the workspace's storage account, which the workspace reads by its own
 * identity. The path has the content's hash, so that one version's files never become another's.
 */
export class WorkspaceFiles extends Construct {
  readonly container: StorageContainer;
  readonly datastore: MachineLearningDatastoreBlobstorage;
  readonly blobs: StorageBlob[];
  /** `https://<account>.blob.core.windows.net/…`: the folder. */
  readonly folderUri: string;
  /** `azureml://subscriptions/…/datastores/…/paths/…`: the folder. */
  readonly datastoreUri: string;

  /** @internal Only what is registered in a workspace declares it. */
  static _declare(scope: Construct, id: string, props: WorkspaceFilesProps): WorkspaceFiles {
    return new WorkspaceFiles(scope, id, props);
  }

  private constructor(scope: Construct, id: string, props: WorkspaceFilesProps) {
    super(scope, id);
    const { workspace, azure, content, folderName } = props;
    const { provider, workspaceId } = azure;
    const { container, datastore, storageAccountName } = declareDatastore(
      this,
      workspace,
      azure,
      'the files are',
    );
    this.container = container;
    this.datastore = datastore;
    const meta = { ...(provider && { provider }) };
    const folder = `${content.sha256.slice(0, 12)}/${folderName}`;
    this.blobs = content.files.map(({ name, bytes }) => {
      const key = createHash('sha256').update(name).digest('hex').slice(0, 8);
      const asset = stagedAsset(this, `File-${key}`, name.split('/').at(-1) ?? name, bytes);
      return new StorageBlob(this, `Blob-${key}`, {
        name: `${folder}/${name}`,
        storageAccountName,
        storageContainerName: this.container.name,
        type: 'Block',
        source: asset.path,
        metadata: { sha256: createHash('sha256').update(bytes).digest('hex') },
        // While one version takes over from another, neither is without its files.
        lifecycle: { createBeforeDestroy: true },
        ...meta,
      });
    });
    this.folderUri = `https://${storageAccountName}.blob.core.windows.net/${this.container.name}/${folder}`;
    this.datastoreUri =
      `azureml://subscriptions/${subscriptionOf(workspaceId)}/resourceGroups/${azure.resourceGroupName}` +
      `/workspaces/${workspace.workspaceName}/datastores/${this.datastore.name}/paths/${folder}`;
  }

  /** What exists when the files are there and can be read. */
  get dependables(): ITerraformDependable[] {
    return [...this.blobs, this.datastore];
  }
}
