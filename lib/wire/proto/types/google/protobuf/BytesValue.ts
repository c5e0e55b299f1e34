// Original file: null


export interface BytesValue {
  'value'?: (Uint8Array);
}

export interface BytesValue__Output {
  'value': (Buffer);
}
