import type { ITerraformDependable, TerraformProvider } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';

import type { Environment } from '../azure/environment';
import type { NetworkIsolation } from '../network/network-isolation';
import { requireProvidersInStack } from '../terraform/stack-providers';
import { ConstructError } from '../validation/construct-error';

/** A workspace in which models are registered: on Azure, or in a local folder. */
export interface IWorkspace extends IConstruct {
  readonly workspaceName: string;
  /** @default - the workspace is on this machine */
  readonly azure?: AzureWorkspace | undefined;

  /** Declares the resources that register a model version in `scope`. `RegisteredModel` calls it. */
  registerModel(scope: Construct, registration: ModelRegistration): RegisteredModelLocation;
}

/** Attributes of a workspace on Azure that other constructs use. */
export interface AzureWorkspace {
  /** ARM id of the workspace. */
  readonly workspaceId: string;
  readonly resourceGroupName: string;
  readonly location: string;
  /** @default - the workspace has none */
  readonly containerRegistryId?: string | undefined;
  /** `name.azurecr.io`. @default - the workspace has none */
  readonly containerRegistryLoginServer?: string | undefined;
  /** ARM id. @default - unknown to the stack */
  readonly logAnalyticsWorkspaceId?: string | undefined;
  /** Environment of the workspace, and of the clusters that use it. @default Environment.development() */
  readonly environment?: Environment | undefined;
  /** @default - unknown to the stack */
  readonly keyVaultId?: string | undefined;
  /**
   * Whether the workspace's construct creates the key vault, so that no one has access to its secrets yet.
   * @default false
   */
  readonly createsKeyVault?: boolean | undefined;
  /** @default - unknown to the stack */
  readonly storageAccountId?: string | undefined;
  /** @default - unknown to the stack */
  readonly storageAccountName?: string | undefined;
  /**
   * Identity that the workspace uses to read a datastore: `WorkspaceSystemAssignedIdentity`, `WorkspaceUserAssignedIdentity` or `None`.
   * @default 'WorkspaceSystemAssignedIdentity'
   */
  readonly datastoreIdentity?: string | undefined;
  /**
   * Who can reach the workspace and its resources.
   * @default - any network, or unknown to the stack
   */
  readonly networkIsolation?: NetworkIsolation | undefined;
  /**
   * Agent pool of the container registry that builds images, because the registry or the storage account is private.
   * @default - the shared agents of ACR Tasks
   */
  readonly buildAgentPoolName?: string | undefined;
  /**
   * Resources that must exist before blobs and secrets of the workspace can be read and written, such as private endpoints.
   * @default - none
   */
  readonly dependables?: ITerraformDependable[] | undefined;
  /**
   * azurerm provider that manages the workspace, if the stack has several.
   * @default - the one without an alias
   */
  readonly provider?: TerraformProvider | undefined;
  /**
   * azapi provider that manages resources in the workspace, if the stack has several.
   * @default - the one without an alias
   */
  readonly azapiProvider?: TerraformProvider | undefined;
}

/** A model version to register. */
export interface ModelRegistration {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of the service definition's zip. */
  readonly sha256: string;
  /** Zip, relative to the stack's folder. */
  readonly path: string;
  readonly tags: Record<string, string>;
}

/** Location of a registered model. */
export interface RegisteredModelLocation {
  /**
   * Folder of the local registry, relative to the project's folder.
   * @default - the model is not on this machine
   */
  readonly localRegistry?: string | undefined;
  /**
   * Resources that exist when the model is registered.
   * @default - the model is already registered
   */
  readonly dependable?: ITerraformDependable | undefined;
  /** Value that changes when the registration changes. */
  readonly revision: string;
  /**
   * Location of the model on Azure.
   * @default - the model is not registered on Azure
   */
  readonly azure?: AzureModelLocation | undefined;
}

/** Location of a model version on Azure. */
export interface AzureModelLocation {
  /** ARM id of the model version. */
  readonly modelVersionId: string;
  /** URI of the service definition's zip: `azureml://subscriptions/…/datastores/…/paths/…`. */
  readonly modelUri: string;
}

/**
 * Returns the attributes of a workspace on Azure. Resources in the workspace use its providers.
 * @param what name of the resource to add, for the message
 * @throws ConstructError if the workspace is local
 * @internal
 */
export function requireAzureWorkspace(scope: Construct, workspace: IWorkspace, what: string): AzureWorkspace {
  if (!workspace.azure) {
    throw new ConstructError(
      scope,
      `the workspace "${workspace.workspaceName}" is local, so it cannot contain ${what}; ` +
        'use Workspace or Workspace.fromWorkspaceAttributes for a workspace on Azure',
    );
  }
  requireProvidersInStack(scope);
  return workspace.azure;
}

/**
 * Returns the part of a workspace that provides the resource group and the location of another resource.
 * @throws ConstructError if the workspace is on the local machine
 * @internal
 */
export function azurePlacement(
  scope: IConstruct,
  workspace: IWorkspace | undefined,
): AzureWorkspace | undefined {
  if (workspace && !workspace.azure) {
    throw new ConstructError(
      scope,
      `the workspace "${workspace.workspaceName}" is on the local machine; pass a workspace on Azure, ` +
        'or set resourceGroupName and location',
    );
  }
  return workspace?.azure;
}
