/**
 * Client of a scoring service, and its errors.
 *
 * @module cdktf-brainwave/client
 */

export type { Classification, ClassificationOptions } from './classification';
export { topClasses } from './classification';
export { readServiceKey } from './key-file';
export type { ModelMetadata, TensorDescription } from '../wire/model-metadata';
export type { ClassifyOptions, ModelVersionState } from './prediction-client';
export { PredictionClient } from './prediction-client';
export type {
  ClientCertificate,
  ClientOptionNames,
  PredictionClientOptions,
} from './prediction-client-options';
export type { OptionNames } from '../validation/option-names';
export type {
  CertificateFailureReason,
  ConnectionFailureReason,
  PredictionErrorOptions,
} from '../errors/prediction-errors';
export {
  CancelledError,
  CertificateError,
  ConnectionFailedError,
  DeadlineExceededError,
  InvalidInputError,
  ModelNotFoundError,
  NotReadyInTimeError,
  OverloadedError,
  PredictionError,
  UnauthenticatedError,
  UnavailableError,
  UnexpectedResponseError,
} from '../errors/prediction-errors';
export { GrpcStatus } from '../errors/grpc-status';
export type { ReadinessAttempt, WaitUntilReadyOptions } from './readiness';
export type { RetryPolicy } from './retry';
export type { CallOptions } from './service-caller';
export type { Detection, DetectionBox, DetectionOptions } from './ssd-detections';
export { ssdDetections } from './ssd-detections';
export type { ServedRevision } from '../wire/served-revision';
export type { FloatTensor, Shape } from '../wire/tensor';
