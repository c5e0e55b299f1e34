import type { ITerraformDependable } from 'cdktf';

/** A container image of the scoring server with a model in it. */
export interface IScoringImage {
  /** `registry.azurecr.io/name:tag`. */
  readonly imageUri: string;
  /**
   * The registry's ARM id, where whoever runs the image needs a role to pull it.
   * @default - the image can be pulled by anybody
   */
  readonly containerRegistryId?: string | undefined;
  /** What exists when the image can be pulled. */
  readonly dependables: ITerraformDependable[];
}
