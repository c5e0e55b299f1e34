// Original file: proto/tensorflow/core/framework/function.proto

import type { FunctionDef as _tensorflow_FunctionDef, FunctionDef__Output as _tensorflow_FunctionDef__Output } from '../tensorflow/FunctionDef';

export interface FunctionDefLibrary {
  'function'?: (_tensorflow_FunctionDef)[];
}

export interface FunctionDefLibrary__Output {
  'function': (_tensorflow_FunctionDef__Output)[];
}
