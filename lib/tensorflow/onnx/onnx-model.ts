import { messageType } from '../../wire/proto/load';
import type { AttributeProto } from '../../wire/proto/types/onnx/AttributeProto';
import type { ModelProto, ModelProto__Output } from '../../wire/proto/types/onnx/ModelProto';
import type { NodeProto } from '../../wire/proto/types/onnx/NodeProto';
import type { TensorProto } from '../../wire/proto/types/onnx/TensorProto';
import type { ValueInfoProto } from '../../wire/proto/types/onnx/ValueInfoProto';
import type { Dims } from './shape';

const codec = messageType<ModelProto, ModelProto__Output>('onnx.ModelProto');

// In opset 18, all reductions have their axes as an input. onnxruntime has supported it since 1.14.
const OPSET = 18;
const IR_VERSION = 8;

const FLOAT = 1;
const INT64 = 7;
const BOOL = 9;

/** Types of tensors in translated graphs. Integers of any size are int64, which ONNX expects for shapes and axes. */
export type ElementType = 'float' | 'int' | 'bool';

/** Numbers of the types in ONNX. */
export const ELEMENT_TYPES: Readonly<Record<ElementType, number>> = { float: FLOAT, int: INT64, bool: BOOL };

/** Attributes of a node. Whole numbers are INT(S) unless they are wrapped in `Float32Array`. */
export type Attributes = Readonly<Record<string, number | string | readonly number[] | Float32Array>>;

/** Builds an ONNX model. Nodes and constants that the outputs do not need are dropped. */
export class OnnxModel {
  private readonly nodes: (NodeProto & { readonly input: string[]; readonly output: string[] })[] = [];
  private readonly initializers: TensorProto[] = [];
  private readonly inputs: ValueInfoProto[] = [];
  private readonly outputs: ValueInfoProto[] = [];
  private names = 0;

  input(name: string, type: ElementType, shape: Dims): void {
    this.inputs.push(valueInfo(name, type, shape));
  }

  /** Names a tensor as an output of the model. */
  output(name: string, tensor: string, type: ElementType, shape: Dims): void {
    this.nodes.push({ opType: 'Identity', input: [tensor], output: [name] });
    this.outputs.push(valueInfo(name, type, shape));
  }

  /**
   * Adds a node.
   * @returns names of its outputs
   */
  node(opType: string, input: readonly string[], attributes: Attributes = {}, count = 1): readonly string[] {
    const output = Array.from({ length: count }, () => this.unusedName(opType));
    const attribute = Object.entries(attributes).map(([name, value]) => attributeProto(name, value));
    this.nodes.push({ opType, name: output[0], input: [...input], output, attribute });
    return output;
  }

  /** Adds a constant and returns its name. */
  constant(
    data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>,
    dims: readonly number[],
  ): string {
    const name = this.unusedName('const');
    const type: ElementType =
      data instanceof Float32Array ? 'float' : data instanceof Int32Array ? 'int' : 'bool';
    const { buffer } = type === 'int' ? BigInt64Array.from(data, BigInt) : data;
    this.initializers.push({
      name,
      dims: [...dims],
      dataType: ELEMENT_TYPES[type],
      rawData: Buffer.from(buffer),
    });
    return name;
  }

  /** Returns the serialized model. */
  serialize(): Buffer {
    const needed = new Set(this.outputs.map(({ name }) => name));
    const nodes: NodeProto[] = [];
    for (const node of this.nodes.toReversed()) {
      if (node.output.some((name) => needed.has(name))) {
        nodes.push(node);
        node.input.forEach((name) => needed.add(name));
      }
    }
    return codec.serialize({
      irVersion: IR_VERSION,
      producerName: 'cdktf-brainwave',
      opsetImport: [{ domain: '', version: OPSET }],
      graph: {
        name: 'graph',
        node: nodes.reverse(),
        initializer: this.initializers.filter(({ name }) => needed.has(name ?? '')),
        input: this.inputs,
        output: this.outputs,
      },
    });
  }

  private unusedName(purpose: string): string {
    this.names += 1;
    return `${purpose}_${this.names}`;
  }
}

function attributeProto(name: string, value: Attributes[string]): AttributeProto {
  if (typeof value === 'string') {
    return { name, s: Buffer.from(value), type: 'STRING' };
  }
  if (value instanceof Float32Array) {
    return { name, f: value[0], type: 'FLOAT' };
  }
  return typeof value === 'number'
    ? { name, i: value, type: 'INT' }
    : { name, ints: [...value], type: 'INTS' };
}

function valueInfo(name: string, type: ElementType, shape: Dims): ValueInfoProto {
  const dim = shape?.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: ELEMENT_TYPES[type], ...(dim && { shape: { dim } }) } } };
}
