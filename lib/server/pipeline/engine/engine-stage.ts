/** A model file and how to run it: what a worker thread needs to know of a stage. */
export interface EngineStage {
  readonly engine: 'onnx' | 'tensorflow' | 'keras';
  /** The stage's name, for messages. */
  readonly stage: string;
  /** The model's entry name among the service definition's files. */
  readonly path: string;
  readonly input: string;
  readonly output: string;
  /** The output's sizes that the definition promises, the first of which (the batch) does not matter. */
  readonly expectedOutput?: readonly number[];
}
