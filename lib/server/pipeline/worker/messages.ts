import type { FloatTensor } from '../../../wire/tensor';
import type { OutputPart, StageTensor } from '../named-outputs';
import type { EngineStage } from '../engine/engine';
import type { StageRun } from '../stage-run';
import type { StepInput } from '../step';
import type { ImageStageJson } from '../../../service-definition/service-definition-json';
import type { Failure } from './failure';

/** Initial data of a model worker. */
export interface WorkerStart {
  /** Decodes images before the first stage. */
  readonly image?: ImageStageJson | undefined;
  /** Maximum number of pixels of one image. */
  readonly maxImagePixels: number;
  readonly stages: readonly EngineStage[];
  /** Files of the stages, in shared memory so that workers do not copy them. */
  readonly files: ReadonlyMap<string, SharedArrayBuffer>;
  readonly threads: number;
  /** Shape of the input of the first stage if known, as in `StepInput.shape`. */
  readonly given: readonly number[];
  /** Memory of the thread's `NativeCalls`. */
  readonly nativeCalls: SharedArrayBuffer;
}

/** Input and output of a worker's stages. */
export interface WorkerReport {
  readonly input: StepInput;
  readonly outputShape: readonly number[];
  /** Outputs of the last stage if it has several. */
  readonly outputParts?: readonly OutputPart[] | undefined;
  /** Stages that run in TensorFlow.js instead of onnxruntime, with the reason. */
  readonly fallbacks?: readonly string[] | undefined;
}

/** Input of a worker: encoded images for its image stage, or an array for the stage after it. */
export type WorkerInput = FloatTensor | EncodedImages;

/** Encoded images of a request. */
export interface EncodedImages {
  readonly images: readonly Uint8Array[];
}

export type ToWorker = { readonly type: 'run'; readonly input: WorkerInput } | { readonly type: 'close' };

/** A worker sends one message when it has loaded, then one per `run`, in order. */
export type FromWorker<Report> =
  | { readonly type: 'ready'; readonly report: Report }
  | { readonly type: 'done'; readonly tensor: StageTensor; readonly runs: readonly StageRun[] }
  | { readonly type: 'failed'; readonly failure: Failure };
