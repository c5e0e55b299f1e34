import type { FloatTensor } from '../../../wire/tensor';
import { packOutputs, type StageTensor } from '../named-outputs';
import type { StepInput } from '../step';

/** A model file and how to run it: everything that a worker thread needs to know about a stage. */
export interface EngineStage {
  readonly engine: 'onnx' | 'tensorflow' | 'keras';
  /** Label of the stage in metrics and traces. */
  readonly label: string;
  /** Name of the stage, for messages. */
  readonly stage: string;
  /** Path of the model file in the service definition. */
  readonly path: string;
  readonly input: string;
  readonly output: string;
  /** Tensors of a stage with several outputs, by output name; `output` is then the first of them. */
  readonly outputs?: Readonly<Record<string, string>> | undefined;
  /** Output shape that the definition declares. The first dimension, the batch, is ignored. */
  readonly expectedOutput?: readonly number[] | undefined;
  /** The same for several outputs, by output name. */
  readonly expectedOutputs?: Readonly<Record<string, readonly number[]>> | undefined;
}

/** What it costs if a stage cannot run in ONNX Runtime, and how to avoid it. */
export const TENSORFLOW_JS_COST =
  'it runs in TensorFlow.js, which takes about 7 times as long for a ResNet-50; convert the graph to ONNX with tf2onnx ' +
  'and use an onnx stage';

/** A loaded model. */
export interface Engine {
  readonly input: StepInput;
  /** Why a graph runs in TensorFlow.js instead of ONNX Runtime. */
  readonly fallback?: string | undefined;
  /**
   * Runs the model. The batch size must equal the first dimension of `input.shape`, unless that is -1.
   * @throws Error with the engine's message if the model fails
   */
  run(tensor: FloatTensor): Promise<StageTensor>;
  close(): Promise<void>;
}

/** Tensors that a stage fetches. */
export function fetchedTensors({ output, outputs }: EngineStage): readonly string[] {
  return outputs === undefined ? [output] : Object.values(outputs);
}

/** Result of a stage from its fetched tensors, in their order. */
export function stageResult({ outputs }: EngineStage, fetched: readonly FloatTensor[]): StageTensor {
  const [only = { shape: [0], data: new Float32Array() }] = fetched;
  return outputs === undefined
    ? only
    : packOutputs(Object.keys(outputs).map((name, index) => [name, fetched[index] ?? only] as const));
}

/** Files of a service definition, in shared memory so that worker threads can read them. */
export type ModelFiles = ReadonlyMap<string, Uint8Array>;
