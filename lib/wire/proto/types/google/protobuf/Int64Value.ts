// Original file: null


export interface Int64Value {
  'value'?: (number | string);
}

export interface Int64Value__Output {
  'value': (number);
}
