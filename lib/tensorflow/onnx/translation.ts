import { UntranslatableError } from './operation';
import { OnnxModel, type Attributes, type ElementType } from './onnx-model';
import { countOf, permute, transposeData, type Dims } from './shape';
import {
  TO_NCHW,
  TO_NHWC,
  Value,
  type ConstantData,
  type Element,
  type Layout,
  type ValueFacts,
} from './value';

/** Largest number of elements that are tracked of an integer tensor. */
const MAX_ELEMENTS = 256;

/** A translation in progress: the ONNX model so far, and values in it. */
export class Translation {
  readonly model = new OnnxModel();
  private unknownSizes = 0;

  /** A size that only a run shows. */
  unknownSize(): string {
    this.unknownSizes += 1;
    return `size_${this.unknownSizes}`;
  }

  /** A value that the ONNX tensor `name` holds. */
  value(type: ElementType, name: string, facts: ValueFacts, layout: Layout = 'NHWC'): Value {
    const known = facts.elements;
    // An integer tensor whose elements are all known is a constant: the nodes that compute it are dropped.
    if (type === 'int' && known?.every((element) => typeof element === 'number')) {
      return this.integers(known, (facts.shape ?? [known.length]).map(Number));
    }
    const value = new Value(type, facts);
    value.names.set(layout, name);
    return value;
  }

  /** A constant. It becomes part of the model when a node reads it. */
  constant(data: ConstantData, shape: readonly number[]): Value {
    const type = data instanceof Float32Array ? 'float' : data instanceof Int32Array ? 'int' : 'bool';
    const isSmallInteger = type === 'int' && data.length <= MAX_ELEMENTS;
    return new Value(type, { shape, data, ...(isSmallInteger && { elements: [...data] }) });
  }

  integers(elements: readonly number[], shape: readonly number[] = [elements.length]): Value {
    return this.constant(Int32Array.from(elements), shape);
  }

  floats(...elements: readonly number[]): Value {
    return this.constant(Float32Array.from(elements), elements.length === 1 ? [] : [elements.length]);
  }

  /** Adds a node with one output. */
  node(opType: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.model.node(opType, inputs, attributes)[0] ?? '';
  }

  /** Name of a constant list of integers, as ONNX expects axes, sizes and pads. */
  list(...elements: readonly number[]): string {
    return this.read(this.integers(elements));
  }

  /** Name of a constant float without dimensions. */
  scalar(element: number): string {
    return this.read(this.floats(element));
  }

  /**
   * Returns the name of the ONNX tensor that holds a value in a layout, and transposes it if necessary. A value of fewer
   * dimensions is read in NCHW as a tensor that broadcasts like it.
   */
  read(value: Value, layout: Layout = 'NHWC'): string {
    const existing = value.names.get(layout);
    if (existing !== undefined) {
      return existing;
    }
    const { data } = value.facts;
    if (data === undefined && value.names.size === 0) {
      throw new UntranslatableError('SpaceToBatchND without a convolution', '');
    }
    const name =
      layout === 'NHWC'
        ? data === undefined
          ? this.node('Transpose', [this.read(value, 'NCHW')], { perm: TO_NHWC })
          : this.model.constant(data, (value.shape ?? []).map(Number))
        : this.readPlanar(value, data);
    value.names.set(layout, name);
    return name;
  }

  private readPlanar(value: Value, data: ConstantData | undefined): string {
    const rank = value.rank ?? 4;
    if (rank === 0) {
      return this.read(value);
    }
    if (data !== undefined) {
      const shape = [...ones(4 - rank), ...(value.shape ?? []).map(Number)];
      return this.model.constant(transposeData(data, shape, TO_NCHW), permute(shape, TO_NCHW));
    }
    const axes = Array.from({ length: 4 - rank }, (_, axis) => axis);
    const full =
      rank === 4 ? this.read(value) : this.node('Unsqueeze', [this.read(value), this.list(...axes)]);
    return this.node('Transpose', [full], { perm: TO_NCHW });
  }

  /** Reads a value with permuted axes. Constants are permuted here, so that the model has no node for it. */
  readPermuted(value: Value, order: readonly number[]): string {
    const { data } = value.facts;
    const shape = (value.shape ?? []).map(Number);
    return data === undefined
      ? this.node('Transpose', [this.read(value)], { perm: order })
      : this.model.constant(transposeData(data, shape, order), permute(shape, order));
  }

  /** A value with the same elements in the same order and another shape. */
  reshaped(value: Value, name: () => string, shape: Dims, elements?: readonly Element[]): Value {
    const { data } = value.facts;
    if (data !== undefined && shape !== undefined && countOf(shape) === data.length) {
      return this.constant(data, shape.map(Number));
    }
    return this.value(value.type, name(), { shape, elements });
  }
}

function ones(count: number): readonly number[] {
  return Array.from({ length: count }, () => 1);
}
