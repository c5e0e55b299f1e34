/** A resource that exists or that the stack declares elsewhere. Resources of the generated bindings are assignable. */
export interface AzureResource {
  /** The ARM id. */
  readonly id: string;
  readonly name: string;
}

/** A container registry that exists, or that the stack declares elsewhere. */
export interface AzureContainerRegistry {
  /** The ARM id. */
  readonly id: string;
  /** `name.azurecr.io`. */
  readonly loginServer: string;
  /**
   * Agent pool that builds images, if the registry or the storage account of the workspace is private.
   * @default - the shared agents of ACR Tasks
   */
  readonly agentPoolName?: string | undefined;
}

/** A user-assigned managed identity that exists, or that the stack declares elsewhere. */
export interface AzureIdentity {
  /** The ARM id. */
  readonly id: string;
  readonly principalId: string;
}
