import type { FloatTensor } from '../../../wire/tensor';
import type { StepInput } from '../step';

/** A model file and how to run it: what a worker thread needs to know about a stage. */
export interface EngineStage {
  readonly engine: 'onnx' | 'tensorflow' | 'keras';
  /** Name of the stage, for messages. */
  readonly stage: string;
  /** Entry name of the model among the service definition's files. */
  readonly path: string;
  readonly input: string;
  readonly output: string;
  /** Output sizes that the definition declares. The first, the batch, does not matter. */
  readonly expectedOutput?: readonly number[] | undefined;
}

/** A loaded model. */
export interface Engine {
  readonly input: StepInput;
  /**
   * Runs the model. The batch size is the first one of `input.shape`, unless that is -1.
   * @throws Error with the engine's own message
   */
  run(tensor: FloatTensor): Promise<FloatTensor>;
  close(): Promise<void>;
}

/** A service definition's files, readable in a worker thread: they are shared memory. */
export type ModelFiles = ReadonlyMap<string, Uint8Array>;
