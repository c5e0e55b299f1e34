import type { FloatTensor } from '../../../wire/tensor';
import type { StepInput } from '../step';

/** A model, loaded. */
export interface Engine {
  readonly input: StepInput;
  /**
   * Runs the model. The batch is what `input.shape` begins with, unless that is -1.
   * @throws Error with the engine's own words
   */
  run(tensor: FloatTensor): Promise<FloatTensor>;
  close(): Promise<void>;
}

/** A service definition's files, readable in a worker thread: they are shared memory. */
export type ModelFiles = ReadonlyMap<string, Uint8Array>;
