import type { ITerraformDependable } from 'cdktf';
import type { IConstruct } from 'constructs';

/** Environment of an entry script: a container image, with or without a conda environment. */
export interface IScoringEnvironment extends IConstruct {
  /** ARM id of the environment version, or `azureml://registries/…`. */
  readonly environmentId: string;
  /** Value that changes when the environment changes. */
  readonly revision: string;
  /**
   * Whether the image has its own server, so that deployments need no scoring code.
   * @default - unknown to the stack
   */
  readonly answersByItself?: boolean | undefined;
  /** Resources that exist when the environment is registered. */
  readonly dependables: ITerraformDependable[];
}
