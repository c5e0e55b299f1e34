import type { FloatTensor } from '../../../wire/tensor';
import type { StepInput } from '../step';

/** A model file and how to run it: everything that a worker thread needs to know about a stage. */
export interface EngineStage {
  readonly engine: 'onnx' | 'tensorflow' | 'keras';
  /** Name of the stage, for messages. */
  readonly stage: string;
  /** Path of the model file in the service definition. */
  readonly path: string;
  readonly input: string;
  readonly output: string;
  /** Output shape that the definition declares. The first dimension, the batch, is ignored. */
  readonly expectedOutput?: readonly number[] | undefined;
}

/** A loaded model. */
export interface Engine {
  readonly input: StepInput;
  /**
   * Runs the model. The batch size must equal the first dimension of `input.shape`, unless that is -1.
   * @throws Error with the engine's message if the model fails
   */
  run(tensor: FloatTensor): Promise<FloatTensor>;
  close(): Promise<void>;
}

/** Files of a service definition, in shared memory so that worker threads can read them. */
export type ModelFiles = ReadonlyMap<string, Uint8Array>;
