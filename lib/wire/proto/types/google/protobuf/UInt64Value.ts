// Original file: null


export interface UInt64Value {
  'value'?: (number);
}

export interface UInt64Value__Output {
  'value': (number);
}
