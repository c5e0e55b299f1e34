// Original file: null


export interface FloatValue {
  'value'?: (number);
}

export interface FloatValue__Output {
  'value': (number);
}
