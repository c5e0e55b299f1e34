import type { ITerraformDependable } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';

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
  readonly localRegistry?: string;
  /**
   * What exists when the model is registered.
   * @default - it is registered already
   */
  readonly dependable?: ITerraformDependable;
  /** Changes when the registration does. */
  readonly revision: string;
}

/** What others need to know of a workspace on Azure. */
export interface AzureWorkspace {
  /** The workspace's ARM id. */
  readonly workspaceId: string;
  readonly resourceGroupName: string;
  readonly location: string;
  /** @default - the workspace has none */
  readonly containerRegistryId?: string;
  /** `name.azurecr.io`. @default - the workspace has none */
  readonly containerRegistryLoginServer?: string;
  /** @default - not known to the stack */
  readonly keyVaultId?: string;
}

/** Where models are registered: on Azure, or in a folder of this machine. */
export interface IWorkspace extends IConstruct {
  readonly workspaceName: string;
  /** @default - the workspace is on this machine */
  readonly azure?: AzureWorkspace;

  /** Declares, in `scope`, what registers a model version. `RegisteredModel` calls it. */
  registerModel(scope: Construct, registration: ModelRegistration): RegisteredModelLocation;
}
