// Original file: proto/tensorflow_serving/apis/get_model_metadata.proto

import type { SignatureDef as _tensorflow_SignatureDef, SignatureDef__Output as _tensorflow_SignatureDef__Output } from '../../tensorflow/SignatureDef';

export interface SignatureDefMap {
  'signatureDef'?: ({[key: string]: _tensorflow_SignatureDef});
}

export interface SignatureDefMap__Output {
  'signatureDef': ({[key: string]: _tensorflow_SignatureDef__Output});
}
