import type { ITerraformDependable } from 'cdktf';

/** Container image of the scoring server that contains a model. */
export interface IScoringImage {
  /** `registry.azurecr.io/name:tag`. */
  readonly imageUri: string;
  /**
   * ARM id of the registry, if pulling the image requires a role.
   * @default - the image can be pulled without a role
   */
  readonly containerRegistryId?: string | undefined;
  /** Resources that must exist before the image can be pulled. */
  readonly dependables: ITerraformDependable[];
}
