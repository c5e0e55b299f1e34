import type { HealthHandlers } from '../health-service';
import type { ModelServiceHandlers } from '../model-service';
import type { PredictionServiceHandlers } from '../prediction-service';
import type { ServedModel } from '../served-model';

/** The gRPC services to which REST requests are converted, so that both protocols behave the same. */
export interface RestServices {
  readonly prediction: PredictionServiceHandlers;
  readonly modelStatus: ModelServiceHandlers;
  readonly health: HealthHandlers;
  /** Returns the current model; throws UNAVAILABLE if none is loaded. */
  readonly model: () => ServedModel;
}

/** gRPC methods to which requests correspond. */
export const METHODS = {
  predict: '/tensorflow.serving.PredictionService/Predict',
  classify: '/tensorflow.serving.PredictionService/Classify',
  metadata: '/tensorflow.serving.PredictionService/GetModelMetadata',
  status: '/tensorflow.serving.ModelService/GetModelStatus',
  health: '/grpc.health.v1.Health/Check',
} as const;
