import { serviceDefinition } from './proto/load';
import type { HealthDefinition } from './proto/types/grpc/health/v1/Health';
import type { ModelServiceDefinition } from './proto/types/tensorflow/serving/ModelService';
import type { PredictionServiceDefinition } from './proto/types/tensorflow/serving/PredictionService';

/** Methods that the client calls, with their codecs. */
export interface ServiceMethods {
  readonly health: HealthDefinition;
  readonly model: ModelServiceDefinition;
  readonly prediction: PredictionServiceDefinition;
}

/** Services of `proto/` that a scoring server implements. */
export function serviceMethods(): ServiceMethods {
  return {
    health: serviceDefinition('grpc.health.v1.Health') as unknown as HealthDefinition,
    model: serviceDefinition('tensorflow.serving.ModelService') as unknown as ModelServiceDefinition,
    prediction: serviceDefinition(
      'tensorflow.serving.PredictionService',
    ) as unknown as PredictionServiceDefinition,
  };
}
