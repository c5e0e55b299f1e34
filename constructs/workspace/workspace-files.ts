import { createHash } from 'node:crypto';

import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import type { FolderContent } from '../../lib/files/folder-content';
import { MachineLearningDatastoreBlobstorage, StorageBlob, StorageContainer } from '../bindings/azurerm';
import { armIdPart } from '../azure/arm-id';
import { AZURE_NAMES, azureName } from '../azure/azure-name';
import { digestOf } from '../azure/derived-name';
import { dependablesFor } from '../terraform/dependables';
import { stagedAsset } from '../terraform/project-files';
import { ConstructError } from '../validation/construct-error';
import type { AzureWorkspace, IWorkspace } from './workspace-reference';

/** A file to upload. @internal */
export interface WorkspaceFile {
  /** Path within the folder, with forward slashes. */
  readonly name: string;
  /** Local file, relative to the stack's folder. */
  readonly path: string;
  readonly sha256: string;
  /** @default 'application/octet-stream' */
  readonly contentType?: string | undefined;
}

/** @internal */
export interface WorkspaceFilesProps {
  readonly workspace: IWorkspace;
  readonly azure: AzureWorkspace;
  /** Path of the files in their container, unique to their content. */
  readonly folder: string;
  readonly files: readonly WorkspaceFile[];
}

/**
 * Files in a private container of the workspace's storage account. The workspace reads them with its own identity. Files of
 * different versions never have the same path.
 */
export class WorkspaceFiles extends Construct {
  readonly container: StorageContainer;
  readonly datastore: MachineLearningDatastoreBlobstorage;
  readonly blobs: StorageBlob[];
  /** URL of the folder, `https://<account>.blob.core.windows.net/…`. */
  readonly folderUri: string;
  /** URI of the folder in the datastore, `azureml://subscriptions/…/datastores/…/paths/…`. */
  readonly datastoreUri: string;

  /** @internal Declared only by constructs that are registered in a workspace. */
  static _declare(scope: Construct, id: string, props: WorkspaceFilesProps): WorkspaceFiles {
    return new WorkspaceFiles(scope, id, props);
  }

  private constructor(scope: Construct, id: string, props: WorkspaceFilesProps) {
    super(scope, id);
    const { workspace, azure, folder, files } = props;
    const { provider, workspaceId, resourceGroupName } = azure;
    const { storageAccountId, storageAccountName } = requireStorage(this, workspace, azure);
    const container = new StorageContainer(this, 'Container', {
      name: azureName(this, AZURE_NAMES.storageContainer),
      storageAccountId,
      containerAccessType: 'private',
      provider,
    });
    const datastore = new MachineLearningDatastoreBlobstorage(this, 'Datastore', {
      name: azureName(this, AZURE_NAMES.datastore),
      workspaceId,
      storageContainerId: container.id,
      serviceDataAuthIdentity: azure.datastoreIdentity ?? 'WorkspaceSystemAssignedIdentity',
      provider,
    });
    this.container = container;
    this.datastore = datastore;
    this.blobs = files.map(
      ({ name, path, sha256, contentType }) =>
        new StorageBlob(this, `Blob-${digestOf(name)}`, {
          name: `${folder}/${name}`,
          storageAccountName,
          storageContainerName: container.name,
          type: 'Block',
          contentType,
          source: path,
          metadata: { sha256 },
          // The files of the old version stay until those of the new version are uploaded.
          lifecycle: { createBeforeDestroy: true },
          provider,
          dependsOn: dependablesFor(this, azure.dependables ?? []),
        }),
    );
    this.folderUri = `https://${storageAccountName}.blob.core.windows.net/${container.name}/${folder}`;
    this.datastoreUri =
      `azureml://subscriptions/${armIdPart(workspaceId, 'subscription')}/resourceGroups/${resourceGroupName}` +
      `/workspaces/${workspace.workspaceName}/datastores/${datastore.name}/paths/${folder}`;
  }

  /** Resources that exist when the files are uploaded and the workspace can read them. */
  get dependables(): ITerraformDependable[] {
    return [...this.blobs, this.datastore];
  }
}

/** Stages the files of a folder for upload. @internal */
export function stageFolder(scope: Construct, content: FolderContent): WorkspaceFile[] {
  return content.files.map(({ name, bytes }) => ({
    name,
    path: stagedAsset(scope, `File-${digestOf(name)}`, name.split('/').at(-1) ?? name, bytes).path,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }));
}

function requireStorage(
  scope: Construct,
  workspace: IWorkspace,
  { storageAccountId, storageAccountName }: AzureWorkspace,
): { storageAccountId: string; storageAccountName: string } {
  if (storageAccountId === undefined || storageAccountName === undefined) {
    throw new ConstructError(
      scope,
      `the storage account of ${workspace.node.path} for the files is unknown; ` +
        'set azure.storageAccountId and azure.storageAccountName, or use Workspace.fromWorkspaceAttributes',
    );
  }
  return { storageAccountId, storageAccountName };
}
