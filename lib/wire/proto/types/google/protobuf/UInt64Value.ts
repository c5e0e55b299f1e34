// Original file: null


export interface UInt64Value {
  'value'?: (number | string);
}

export interface UInt64Value__Output {
  'value': (number);
}
