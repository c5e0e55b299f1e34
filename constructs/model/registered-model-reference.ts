import type { IConstruct } from 'constructs';

import type { ServiceDefinition } from '../../lib/service-definition';
import type { IWorkspace, RegisteredModelLocation } from '../workspace/workspace-reference';

/** A registered model version. */
export interface IRegisteredModel extends IConstruct {
  readonly modelName: string;
  readonly modelVersion: string;
  /**
   * Class names, class 0 first.
   * @default - unknown, so responses identify classes by their number
   */
  readonly labels?: string[] | undefined;
  /**
   * Workspace in which the model is registered.
   * @default - unknown to the stack
   */
  readonly workspace?: IWorkspace | undefined;
  /**
   * Service definition that the model contains.
   * @default - unknown to the stack
   */
  readonly serviceDefinition?: ServiceDefinition | undefined;
  /**
   * Location of the model's registry.
   * @default - unknown to the stack
   */
  readonly location?: RegisteredModelLocation | undefined;
}
