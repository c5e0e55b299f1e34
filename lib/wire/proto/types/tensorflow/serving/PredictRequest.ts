// Original file: proto/tensorflow_serving/apis/predict.proto

import type { ModelSpec as _tensorflow_serving_ModelSpec, ModelSpec__Output as _tensorflow_serving_ModelSpec__Output } from '../../tensorflow/serving/ModelSpec';
import type { TensorProto as _tensorflow_TensorProto, TensorProto__Output as _tensorflow_TensorProto__Output } from '../../tensorflow/TensorProto';

export interface PredictRequest {
  'modelSpec'?: (_tensorflow_serving_ModelSpec | null);
  'inputs'?: ({[key: string]: _tensorflow_TensorProto});
  'outputFilter'?: (string)[];
}

export interface PredictRequest__Output {
  'modelSpec': (_tensorflow_serving_ModelSpec__Output | null);
  'inputs': ({[key: string]: _tensorflow_TensorProto__Output});
  'outputFilter': (string)[];
}
