import type { AcceleratorOptions } from './accelerator/accelerator-options';
import type { PipelineLimits } from './pipeline-limits';

/** What a pipeline runs with. */
export interface PipelineResources extends PipelineLimits {
  /**
   * The server that runs `brainwave` stages.
   * @default - the stage's `software` runs on the CPU
   */
  readonly accelerator?: AcceleratorOptions;
}
