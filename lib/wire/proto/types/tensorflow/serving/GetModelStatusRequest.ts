// Original file: proto/tensorflow_serving/apis/get_model_status.proto

import type { ModelSpec as _tensorflow_serving_ModelSpec, ModelSpec__Output as _tensorflow_serving_ModelSpec__Output } from '../../tensorflow/serving/ModelSpec';

export interface GetModelStatusRequest {
  'modelSpec'?: (_tensorflow_serving_ModelSpec | null);
}

export interface GetModelStatusRequest__Output {
  'modelSpec': (_tensorflow_serving_ModelSpec__Output | null);
}
