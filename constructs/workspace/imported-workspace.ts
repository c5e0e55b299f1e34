import { Fn, Token, type TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';

import { DataAzapiResource } from '../azapi/data-azapi-resource';
import { ConstructError } from '../validation/construct-error';
import { ModelVersion } from '../model/model-version';
import type { AzureWorkspace, IWorkspace, ModelRegistration, RegisteredModelLocation } from './workspace';

/** A workspace that exists. What is not given is looked up in Azure. */
export interface WorkspaceAttributes {
  /** The ARM id: `/subscriptions/…/resourceGroups/…/providers/Microsoft.MachineLearningServices/workspaces/…`. */
  readonly workspaceId: string;
  /** @default - looked up */
  readonly location?: string | undefined;
  /** The ARM id. @default - looked up */
  readonly storageAccountId?: string | undefined;
  /** The ARM id. @default - looked up */
  readonly keyVaultId?: string | undefined;
  /** The ARM id. @default - looked up */
  readonly containerRegistryId?: string | undefined;
  /**
   * As whom the workspace reads a datastore: `WorkspaceSystemAssignedIdentity`, `WorkspaceUserAssignedIdentity` or `None`.
   * The identity needs the role "Storage Blob Data Reader" on the storage account.
   * @default 'WorkspaceSystemAssignedIdentity'
   */
  readonly datastoreIdentity?: string | undefined;
  /**
   * The azurerm provider to use, where the stack has several.
   * @default - the one without an alias
   */
  readonly provider?: TerraformProvider | undefined;
  /**
   * The azapi provider to use, where the stack has several.
   * @default - the one without an alias
   */
  readonly azapiProvider?: TerraformProvider | undefined;
}

const WORKSPACE_TYPE = 'Microsoft.MachineLearningServices/workspaces@2025-06-01';
const WORKSPACE_ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.MachineLearningServices\/workspaces\/[^/]+$/i;
/** Parts of an ARM id: the empty one before the first slash counts. */
const RESOURCE_GROUP_PART = 4;
const NAME_PART = 8;

/**
 * A workspace that something else declares.
 * @internal
 */
export class ImportedWorkspace extends Construct implements IWorkspace {
  readonly workspaceName: string;
  readonly azure: AzureWorkspace;

  constructor(scope: Construct, id: string, attributes: WorkspaceAttributes) {
    super(scope, id);
    const { workspaceId, provider, azapiProvider, datastoreIdentity } = attributes;
    if (!Token.isUnresolved(workspaceId) && !WORKSPACE_ID.test(workspaceId)) {
      throw new ConstructError(
        this,
        `workspaceId is "${workspaceId}"; expected ` +
          '/subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.MachineLearningServices/workspaces/<name>',
      );
    }
    const { location, storageAccountId, keyVaultId, containerRegistryId } = this.complete(attributes);
    this.workspaceName = partOf(workspaceId, NAME_PART);
    this.azure = {
      workspaceId,
      resourceGroupName: partOf(workspaceId, RESOURCE_GROUP_PART),
      location,
      storageAccountId,
      storageAccountName: partOf(storageAccountId, NAME_PART),
      keyVaultId,
      containerRegistryId,
      containerRegistryLoginServer: `${partOf(containerRegistryId, NAME_PART)}.azurecr.io`,
      ...(datastoreIdentity !== undefined && { datastoreIdentity }),
      ...(provider && { provider }),
      ...(azapiProvider && { azapiProvider }),
    };
  }

  registerModel(scope: Construct, registration: ModelRegistration): RegisteredModelLocation {
    return new ModelVersion(scope, 'Version', { workspace: this, azure: this.azure, registration }).location;
  }

  private complete(attributes: WorkspaceAttributes): CompleteAttributes {
    const { workspaceId, location, storageAccountId, keyVaultId, containerRegistryId, azapiProvider } =
      attributes;
    if (
      location !== undefined &&
      storageAccountId !== undefined &&
      keyVaultId !== undefined &&
      containerRegistryId !== undefined
    ) {
      return { location, storageAccountId, keyVaultId, containerRegistryId };
    }
    const data = new DataAzapiResource(this, 'Resource', {
      type: WORKSPACE_TYPE,
      resourceId: workspaceId,
      responseExportValues: [
        'properties.storageAccount',
        'properties.keyVault',
        'properties.containerRegistry',
      ],
      ...(azapiProvider && { provider: azapiProvider }),
    });
    return {
      location: location ?? data.location,
      storageAccountId: storageAccountId ?? data.outputString('properties.storageAccount'),
      keyVaultId: keyVaultId ?? data.outputString('properties.keyVault'),
      containerRegistryId: containerRegistryId ?? data.outputString('properties.containerRegistry'),
    };
  }
}

interface CompleteAttributes {
  readonly location: string;
  readonly storageAccountId: string;
  readonly keyVaultId: string;
  readonly containerRegistryId: string;
}

/** A part of an ARM id, here or, where Terraform knows it first, there. */
function partOf(id: string, part: number): string {
  return Token.isUnresolved(id)
    ? Token.asString(Fn.element(Fn.split('/', id), part))
    : (id.split('/')[part] ?? '');
}
