import type { TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { DataAzapiResource } from '../azapi/data-azapi-resource';
import { armIdPart } from '../azure/arm-id';
import type { NetworkIsolation } from '../network/network-isolation';
import { requirePattern } from '../validation/synth-value';
import { registerServiceDefinition } from './registered-files';
import type {
  AzureWorkspace,
  IWorkspace,
  ModelRegistration,
  RegisteredModelLocation,
} from './workspace-reference';
import { requireKnownProps } from '../validation/construct-error';

/** Attributes of an existing workspace. Omitted attributes are looked up in Azure. */
export interface WorkspaceAttributes {
  /** ARM id: `/subscriptions/…/resourceGroups/…/providers/Microsoft.MachineLearningServices/workspaces/…`. */
  readonly workspaceId: string;
  /** @default - looked up */
  readonly location?: string | undefined;
  /** ARM id. @default - looked up */
  readonly storageAccountId?: string | undefined;
  /** ARM id. @default - looked up */
  readonly keyVaultId?: string | undefined;
  /** ARM id. @default - looked up */
  readonly containerRegistryId?: string | undefined;
  /**
   * Identity that the workspace uses to read a datastore: `WorkspaceSystemAssignedIdentity`, `WorkspaceUserAssignedIdentity` or `None`.
   * The identity needs the role "Storage Blob Data Reader" on the storage account.
   * @default 'WorkspaceSystemAssignedIdentity'
   */
  readonly datastoreIdentity?: string | undefined;
  /**
   * Who can reach the workspace and its resources, which exist with their private endpoints. A `ScoringCluster` of the workspace
   * is isolated in the same way.
   * @default - any network
   */
  readonly networkIsolation?: NetworkIsolation | undefined;
  /**
   * Agent pool of the container registry that builds images.
   * @default - the shared agents of ACR Tasks, which reach neither a private registry nor a private storage account
   */
  readonly buildAgentPoolName?: string | undefined;
  /**
   * azurerm provider to use, if the stack has several.
   * @default - the one without an alias
   */
  readonly provider?: TerraformProvider | undefined;
  /**
   * azapi provider to use, if the stack has several.
   * @default - the one without an alias
   */
  readonly azapiProvider?: TerraformProvider | undefined;
}

const WORKSPACE_ATTRIBUTES: KnownKeys<WorkspaceAttributes> = {
  workspaceId: true,
  location: true,
  storageAccountId: true,
  keyVaultId: true,
  containerRegistryId: true,
  datastoreIdentity: true,
  networkIsolation: true,
  buildAgentPoolName: true,
  provider: true,
  azapiProvider: true,
};

/** @internal */
export const WORKSPACE_TYPE = 'Microsoft.MachineLearningServices/workspaces@2025-06-01';
const WORKSPACE_ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.MachineLearningServices\/workspaces\/[^/]+$/i;

/**
 * A workspace that is declared elsewhere.
 * @internal
 */
export class ImportedWorkspace extends Construct implements IWorkspace {
  readonly workspaceName: string;
  readonly azure?: AzureWorkspace | undefined;

  constructor(scope: Construct, id: string, attributes: WorkspaceAttributes) {
    super(scope, id);
    requireKnownProps(this, attributes, WORKSPACE_ATTRIBUTES);
    const { workspaceId, provider, azapiProvider, datastoreIdentity } = attributes;
    requirePattern(
      this,
      'workspaceId',
      workspaceId,
      WORKSPACE_ID,
      '/subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.MachineLearningServices/workspaces/<name>',
    );
    const { location, storageAccountId, keyVaultId, containerRegistryId } = this.complete(attributes);
    this.workspaceName = armIdPart(workspaceId, 'name');
    this.azure = {
      workspaceId,
      resourceGroupName: armIdPart(workspaceId, 'resourceGroup'),
      location,
      storageAccountId,
      storageAccountName: armIdPart(storageAccountId, 'name'),
      keyVaultId,
      containerRegistryId,
      containerRegistryLoginServer: `${armIdPart(containerRegistryId, 'name')}.azurecr.io`,
      datastoreIdentity,
      networkIsolation: attributes.networkIsolation,
      buildAgentPoolName: attributes.buildAgentPoolName,
      provider,
      azapiProvider,
    };
  }

  registerModel(scope: Construct, registration: ModelRegistration): RegisteredModelLocation {
    return registerServiceDefinition(scope, this, registration);
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
      provider: azapiProvider,
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
