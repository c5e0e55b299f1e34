// Original file: proto/tensorflow_serving/apis/get_model_status.proto

import type { ModelVersionStatus as _tensorflow_serving_ModelVersionStatus, ModelVersionStatus__Output as _tensorflow_serving_ModelVersionStatus__Output } from '../../tensorflow/serving/ModelVersionStatus';

export interface GetModelStatusResponse {
  'modelVersionStatus'?: (_tensorflow_serving_ModelVersionStatus)[];
}

export interface GetModelStatusResponse__Output {
  'modelVersionStatus': (_tensorflow_serving_ModelVersionStatus__Output)[];
}
