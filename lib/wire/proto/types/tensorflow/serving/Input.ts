// Original file: proto/tensorflow_serving/apis/input.proto

import type { ExampleList as _tensorflow_serving_ExampleList, ExampleList__Output as _tensorflow_serving_ExampleList__Output } from '../../tensorflow/serving/ExampleList';
import type { ExampleListWithContext as _tensorflow_serving_ExampleListWithContext, ExampleListWithContext__Output as _tensorflow_serving_ExampleListWithContext__Output } from '../../tensorflow/serving/ExampleListWithContext';

export interface Input {
  'exampleList'?: (_tensorflow_serving_ExampleList | null);
  'exampleListWithContext'?: (_tensorflow_serving_ExampleListWithContext | null);
  'kind'?: "exampleList"|"exampleListWithContext";
}

export interface Input__Output {
  'exampleList'?: (_tensorflow_serving_ExampleList__Output | null);
  'exampleListWithContext'?: (_tensorflow_serving_ExampleListWithContext__Output | null);
  'kind'?: "exampleList"|"exampleListWithContext";
}
