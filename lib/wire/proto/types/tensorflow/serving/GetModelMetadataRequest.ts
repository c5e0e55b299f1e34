// Original file: proto/tensorflow_serving/apis/get_model_metadata.proto

import type { ModelSpec as _tensorflow_serving_ModelSpec, ModelSpec__Output as _tensorflow_serving_ModelSpec__Output } from '../../tensorflow/serving/ModelSpec';

export interface GetModelMetadataRequest {
  'modelSpec'?: (_tensorflow_serving_ModelSpec | null);
  'metadataField'?: (string)[];
}

export interface GetModelMetadataRequest__Output {
  'modelSpec': (_tensorflow_serving_ModelSpec__Output | null);
  'metadataField': (string)[];
}
