import type { MachineLearningDatastoreBlobstorage } from '@cdktf/provider-azurerm/lib/machine-learning-datastore-blobstorage';
import { StorageBlob } from '@cdktf/provider-azurerm/lib/storage-blob';
import type { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import { Construct } from 'constructs';

import { AzapiResource } from '../azapi/azapi-resource';
import { AzapiResourceAction } from '../azapi/azapi-resource-action';
import type {
  AzureWorkspace,
  IWorkspace,
  ModelRegistration,
  RegisteredModelLocation,
} from '../workspace/workspace';
import { declareDatastore, subscriptionOf } from '../workspace/workspace-storage';

/** What is registered, and in which workspace. */
export interface ModelVersionProps {
  readonly workspace: IWorkspace;
  readonly azure: AzureWorkspace;
  readonly registration: ModelRegistration;
}

const MODEL_TYPE = 'Microsoft.MachineLearningServices/workspaces/models@2025-06-01';
const VERSION_TYPE = 'Microsoft.MachineLearningServices/workspaces/models/versions@2025-06-01';

/**
 * A model version in the registry of a workspace on Azure.
 *
 * The model is a resource, and goes when the stack goes. A version is written by a request (`PUT`), which Terraform makes
 * once for each version and never undoes: another version leaves the one before it registered beside it, and to go
 * back to an earlier commit registers the same content again, which Azure takes as no change. As a resource, a
 * version would be deleted whenever the next one comes. Terraform does replace the file: that of an earlier
 * version is kept by the storage account's soft delete, in the images that were built of it, and comes back, byte for
 * byte, with an apply of the commit that it was made of.
 */
export class ModelVersion extends Construct {
  readonly container: StorageContainer;
  readonly datastore: MachineLearningDatastoreBlobstorage;
  readonly blob: StorageBlob;
  readonly model: AzapiResource;
  readonly version: AzapiResourceAction;
  readonly location: RegisteredModelLocation;

  private readonly workspaceId: string;
  private readonly modelName: string;

  constructor(scope: Construct, id: string, props: ModelVersionProps) {
    super(scope, id);
    const { workspace, azure, registration } = props;
    const { name, version, sha256, tags } = registration;
    const { workspaceId, provider, azapiProvider } = azure;
    this.workspaceId = workspaceId;
    this.modelName = name;
    const meta = { ...(provider && { provider }) };
    const azapiMeta = { ...(azapiProvider && { provider: azapiProvider }) };
    const { container, datastore, storageAccountName } = declareDatastore(
      this,
      workspace,
      azure,
      'the model is',
    );
    this.container = container;
    this.datastore = datastore;
    this.blob = new StorageBlob(this, 'Blob', {
      name: `${version}/service-definition.zip`,
      storageAccountName,
      storageContainerName: this.container.name,
      type: 'Block',
      contentType: 'application/zip',
      source: registration.path,
      metadata: { sha256 },
      // While one version takes over from another, neither is without its file.
      lifecycle: { createBeforeDestroy: true },
      ...meta,
    });
    this.model = new AzapiResource(this, 'Model', {
      type: MODEL_TYPE,
      name,
      parentId: workspaceId,
      body: { properties: { isArchived: false } },
      tags,
      tagsInProperties: true,
      ...azapiMeta,
    });
    const modelUri =
      `azureml://subscriptions/${subscriptionOf(workspaceId)}/resourceGroups/${azure.resourceGroupName}` +
      `/workspaces/${workspace.workspaceName}/datastores/${this.datastore.name}/paths/${this.blob.name}`;
    this.version = new AzapiResourceAction(this, 'Version', {
      type: VERSION_TYPE,
      resourceId: `${this.model.id}/versions/${version}`,
      method: 'PUT',
      body: {
        properties: {
          modelType: 'custom_model',
          modelUri,
          isAnonymous: false,
          isArchived: false,
          properties: { sha256 },
        },
      },
      tagsInProperties: tags,
      // Azure looks at the file when a version is registered.
      dependsOn: [this.blob, this.datastore],
      ...azapiMeta,
    });
    this.location = {
      dependable: this.version,
      revision: `${name}:${version}:${sha256}`,
      azure: { modelVersionId: `${this.model.id}/versions/${version}`, modelUri },
    };
    this.node.addValidation({ validate: () => this.conflicts() });
  }

  private conflicts(): string[] {
    return this.node.root.node
      .findAll()
      .filter(
        (other): other is ModelVersion =>
          other instanceof ModelVersion &&
          other !== this &&
          other.workspaceId === this.workspaceId &&
          other.modelName === this.modelName,
      )
      .map(
        (other) =>
          `${this.modelPath}: the model "${this.modelName}" is also registered in this workspace by ${other.modelPath}, ` +
          'and destroying one would remove the other; give one another name',
      );
  }

  private get modelPath(): string {
    return this.node.scope?.node.path ?? this.node.path;
  }
}
