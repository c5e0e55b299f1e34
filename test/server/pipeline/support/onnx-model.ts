/** An ONNX file of one node, written byte by byte: enough to show what a stage does with a model. */
export interface OnnxModelOptions {
  readonly op: string;
  readonly domain?: string;
  readonly opset?: number;
  readonly inputs?: readonly OnnxValue[];
  readonly outputs?: readonly OnnxValue[];
}

export interface OnnxValue {
  readonly name: string;
  readonly shape: readonly (number | string)[];
  /** ONNX's number of the element type: 1 is float32, 2 is uint8. */
  readonly type?: number;
}

export function onnxModel({ op, domain = '', opset = 17, inputs, outputs }: OnnxModelOptions): Uint8Array {
  const ins = inputs ?? [{ name: 'x', shape: ['n', 3] }];
  const outs = outputs ?? [{ name: 'y', shape: ['n', 3] }];
  const node = [
    ...ins.flatMap((value) => text(1, value.name)),
    ...outs.flatMap((value) => text(2, value.name)),
    ...text(4, op),
    ...text(7, domain),
  ];
  const graph = [
    ...bytes(1, node),
    ...text(2, 'graph'),
    ...ins.flatMap((value) => bytes(11, valueInfo(value))),
    ...outs.flatMap((value) => bytes(12, valueInfo(value))),
  ];
  const imports = [bytes(8, number(2, opset))];
  if (domain !== '') {
    imports.push(bytes(8, [...text(1, domain), ...number(2, 1)]));
  }
  return Uint8Array.from([...number(1, 8), ...bytes(7, graph), ...imports.flat()]);
}

function valueInfo({ name, shape, type = 1 }: OnnxValue): number[] {
  const dims = shape.flatMap((size) => bytes(1, typeof size === 'string' ? text(2, size) : number(1, size)));
  return [...text(1, name), ...bytes(2, bytes(1, [...number(1, type), ...bytes(2, dims)]))];
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

function number(field: number, value: number): number[] {
  return [...varint(field << 3), ...varint(value)];
}

function bytes(field: number, content: readonly number[]): number[] {
  return [...varint((field << 3) | 2), ...varint(content.length), ...content];
}

function text(field: number, content: string): number[] {
  return bytes(field, [...Buffer.from(content)]);
}
