import type { ITerraformDependable, TerraformProvider } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';

import { requireProvidersInStack } from '../terraform/stack-providers';
import { ConstructError } from '../validation/construct-error';

/** Where models are registered: on Azure, or in a folder of this machine. */
export interface IWorkspace extends IConstruct {
  readonly workspaceName: string;
  /** @default - the workspace is on this machine */
  readonly azure?: AzureWorkspace | undefined;

  /** Declares, in `scope`, what registers a model version. `RegisteredModel` calls it. */
  registerModel(scope: Construct, registration: ModelRegistration): RegisteredModelLocation;
}

/** What others need to know of a workspace on Azure. */
export interface AzureWorkspace {
  /** The workspace's ARM id. */
  readonly workspaceId: string;
  readonly resourceGroupName: string;
  readonly location: string;
  /** @default - the workspace has none */
  readonly containerRegistryId?: string | undefined;
  /** `name.azurecr.io`. @default - the workspace has none */
  readonly containerRegistryLoginServer?: string | undefined;
  /** @default - not known to the stack */
  readonly keyVaultId?: string | undefined;
  /**
   * Whether the workspace's construct creates the key vault, so that nobody has access to its secrets yet.
   * @default false
   */
  readonly createsKeyVault?: boolean | undefined;
  /** @default - not known to the stack */
  readonly storageAccountId?: string | undefined;
  /** @default - not known to the stack */
  readonly storageAccountName?: string | undefined;
  /**
   * Identity that the workspace uses to read a datastore: `WorkspaceSystemAssignedIdentity`, `WorkspaceUserAssignedIdentity` or `None`.
   * @default 'WorkspaceSystemAssignedIdentity'
   */
  readonly datastoreIdentity?: string | undefined;
  /**
   * The azurerm provider that manages the workspace, where a stack has several.
   * @default - the one without an alias
   */
  readonly provider?: TerraformProvider | undefined;
  /**
   * The azapi provider that manages what is in the workspace, where a stack has several.
   * @default - the one without an alias
   */
  readonly azapiProvider?: TerraformProvider | undefined;
}

/** What a workspace is asked to register. */
export interface ModelRegistration {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of the service definition's zip. */
  readonly sha256: string;
  /** The zip, relative to the stack's folder. */
  readonly path: string;
  readonly tags: Record<string, string>;
}

/** Where a registered model is. */
export interface RegisteredModelLocation {
  /**
   * The registry's folder on this machine, relative to the project's.
   * @default - the model is not on this machine
   */
  readonly localRegistry?: string | undefined;
  /**
   * What exists when the model is registered.
   * @default - it is registered already
   */
  readonly dependable?: ITerraformDependable | undefined;
  /** Changes when the registration does. */
  readonly revision: string;
  /**
   * Where Azure has it.
   * @default - the model is not registered on Azure
   */
  readonly azure?: AzureModelLocation | undefined;
}

/** Where a model version is on Azure. */
export interface AzureModelLocation {
  /** The model version's ARM id. */
  readonly modelVersionId: string;
  /** `azureml://subscriptions/…/datastores/…/paths/…`: the service definition's zip. */
  readonly modelUri: string;
}

/**
 * What a workspace on Azure is to others, whose resources have its providers.
 * @param what is to be in it
 * @throws ConstructError for a workspace on this machine
 * @internal
 */
export function requireAzureWorkspace(scope: Construct, workspace: IWorkspace, what: string): AzureWorkspace {
  if (!workspace.azure) {
    throw new ConstructError(
      scope,
      `the workspace "${workspace.workspaceName}" is on this machine, where ${what} cannot be registered; ` +
        'use Workspace, or Workspace.fromWorkspaceAttributes, for one on Azure',
    );
  }
  requireProvidersInStack(scope);
  return workspace.azure;
}
