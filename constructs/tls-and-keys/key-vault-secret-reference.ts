/** A secret of an Azure Key Vault, without its value. */
export interface KeyVaultSecretReference {
  /**
   * The address that the secret is read from. With a version in it, it changes whenever the value does.
   */
  readonly url: string;
  /** The secret's ARM id, without a version: what a role to read it is assigned at. */
  readonly resourceId: string;
}
