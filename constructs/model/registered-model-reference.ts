import type { IConstruct } from 'constructs';

import type { ServiceDefinition } from '../../lib/service-definition';
import type { IWorkspace, RegisteredModelLocation } from '../workspace/workspace-reference';

/** A model version in a workspace's registry. */
export interface IRegisteredModel extends IConstruct {
  readonly modelName: string;
  readonly modelVersion: string;
  /**
   * The classes' names, class 0 first.
   * @default - not known: answers name classes by their number
   */
  readonly labels?: string[] | undefined;
  /**
   * The workspace it is registered in.
   * @default - not known to the stack
   */
  readonly workspace?: IWorkspace | undefined;
  /**
   * What it runs.
   * @default - not known to the stack
   */
  readonly serviceDefinition?: ServiceDefinition | undefined;
  /**
   * Where the registry is that has it.
   * @default - not known to the stack
   */
  readonly location?: RegisteredModelLocation | undefined;
}
