// Original file: proto/tensorflow/core/framework/versions.proto


export interface VersionDef {
  'producer'?: (number);
  'minConsumer'?: (number);
  'badConsumers'?: (number)[];
}

export interface VersionDef__Output {
  'producer': (number);
  'minConsumer': (number);
  'badConsumers': (number)[];
}
