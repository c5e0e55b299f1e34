import type { ITerraformDependable } from 'cdktf';
import type { IConstruct } from 'constructs';

/** What an entry script runs in: a container image, with or without a conda environment. */
export interface IScoringEnvironment extends IConstruct {
  /** The environment version's ARM id, or `azureml://registries/…`. */
  readonly environmentId: string;
  /** Changes when the environment does. */
  readonly revision: string;
  /**
   * Whether the image has a server of its own, so that deployments need no scoring code.
   * @default - not known to the stack
   */
  readonly answersByItself?: boolean | undefined;
  /** What exists when the environment is registered. */
  readonly dependables: ITerraformDependable[];
}
