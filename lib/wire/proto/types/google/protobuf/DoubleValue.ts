// Original file: null


export interface DoubleValue {
  'value'?: (number);
}

export interface DoubleValue__Output {
  'value': (number);
}
