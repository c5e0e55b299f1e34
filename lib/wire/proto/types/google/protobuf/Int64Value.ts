// Original file: null


export interface Int64Value {
  'value'?: (number);
}

export interface Int64Value__Output {
  'value': (number);
}
