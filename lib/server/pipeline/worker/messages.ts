import type { FloatTensor } from '../../../wire/tensor';
import type { EngineStage } from '../engine/engine';
import type { StepInput } from '../step';
import type { Failure } from './failure';

/** What a model worker is started with. */
export interface WorkerStart {
  readonly stages: readonly EngineStage[];
  /** The stages' files in shared memory, so that no worker holds a copy. */
  readonly files: ReadonlyMap<string, SharedArrayBuffer>;
  readonly threads: number;
  /** Shape of what the stages will be given, where it is known; as `StepInput.shape`. */
  readonly given: readonly number[];
}

/** What a worker's stages take and give. */
export interface WorkerReport {
  readonly input: StepInput;
  readonly outputShape: readonly number[];
}

export type ToWorker = { readonly type: 'run'; readonly tensor: FloatTensor } | { readonly type: 'close' };

/** A worker answers once when it has loaded, and then once for each `run`, in order. */
export type FromWorker<Report> =
  | { readonly type: 'ready'; readonly report: Report }
  | { readonly type: 'done'; readonly tensor: FloatTensor }
  | { readonly type: 'failed'; readonly failure: Failure };
