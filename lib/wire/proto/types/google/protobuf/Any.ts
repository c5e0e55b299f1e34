// Original file: null


export type Any = {
  type_url: string;
  value: Uint8Array;
}

export interface Any__Output {
  'type_url': (string);
  'value': (Buffer);
}
