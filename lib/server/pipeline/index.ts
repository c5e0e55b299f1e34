export type { AcceleratorOptions, AcceleratorProtocol } from './accelerator/accelerator-options';
export type { OutputPart, StageTensor } from './named-outputs';
export { Pipeline, type PipelineInput, type PipelineSignature } from './pipeline';
export {
  AcceleratorError,
  BatchTooLargeError,
  InferenceFailedError,
  InvalidImageError,
  InvalidTensorError,
  ModelLoadError,
  PipelineClosedError,
  StageNotSupportedError,
  WorkerCrashedError,
  type AcceleratorFailureReason,
} from './pipeline-errors';
export type { PipelineLimits, PipelineResources } from './pipeline-resources';
export type { CallTrace, RemoteRun, StageObserver, StageRun } from './stage-run';
