// Original file: proto/tensorflow_serving/apis/classification.proto


export interface Class {
  'label'?: (string);
  'score'?: (number);
}

export interface Class__Output {
  'label': (string);
  'score': (number);
}
