import type { AttrValue__Output } from '../../wire/proto/types/tensorflow/AttrValue';
import type { DataType__Output } from '../../wire/proto/types/tensorflow/DataType';
import type { NodeDef__Output } from '../../wire/proto/types/tensorflow/NodeDef';
import type { LayerNode } from './keras-layers';

/** A weight of a layers model. */
export interface LayerWeight {
  readonly shape: readonly number[];
  /** Floats in row-major order. */
  readonly bytes: Uint8Array;
}

/** Builds the nodes of a TensorFlow graph from layers. */
export class GraphBuilder {
  readonly nodes: NodeDef__Output[] = [];

  constructor(private readonly weights: ReadonlyMap<string, LayerWeight>) {}

  /** Adds a node and returns its name. */
  node(op: string, input: readonly string[], attr: Record<string, AttrValue__Output> = {}): string {
    const name = `${op}_${this.nodes.length}`;
    this.nodes.push({ name, op, input: [...input], device: '', attr });
    return name;
  }

  placeholder(name: string): void {
    this.nodes.push({ name, op: 'Placeholder', input: [], device: '', attr: {} });
  }

  /** Gives a tensor the name under which it is fetched. */
  alias(name: string, tensor: string): void {
    this.nodes.push({ name, op: 'Identity', input: [tensor], device: '', attr: {} });
  }

  weight(layer: LayerNode, weight: string): string {
    const { shape, bytes } = this.find(layer, weight);
    return this.constant('DT_FLOAT', shape, bytes);
  }

  weightData(layer: LayerNode, weight: string): readonly number[] {
    const { bytes } = this.find(layer, weight);
    return [...new Float32Array(Uint8Array.from(bytes).buffer)];
  }

  float(value: number): string {
    return this.constant('DT_FLOAT', [], asBytes(Float32Array.of(value)));
  }

  floats(values: readonly number[]): string {
    return this.constant('DT_FLOAT', [values.length], asBytes(Float32Array.from(values)));
  }

  integer(value: number): string {
    return this.integers([value], []);
  }

  integers(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.constant('DT_INT32', shape, asBytes(Int32Array.from(values)));
  }

  private find(layer: LayerNode, weight: string): LayerWeight {
    return this.weights.get(`${layer.name}/${weight}`) ?? layer.refuse(`without its weight ${weight}`);
  }

  private constant(dtype: DataType__Output, shape: readonly number[], bytes: Uint8Array): string {
    const tensor = {
      dtype,
      tensorShape: { dim: shape.map((size) => ({ size, name: '' })), unknownRank: false },
      versionNumber: 0,
      tensorContent: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      floatVal: [],
      doubleVal: [],
      intVal: [],
      stringVal: [],
      int64Val: [],
      boolVal: [],
      halfVal: [],
    };
    return this.node('Const', [], { value: { tensor, value: 'tensor' } });
  }
}

function asBytes(values: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
