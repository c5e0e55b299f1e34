import type { NodeDef__Output } from '../../wire/proto/types/tensorflow/NodeDef';
import type { DataType__Output } from '../../wire/proto/types/tensorflow/DataType';
import { findAttribute } from '../graph-def/graph-node';
import { fromStart } from './shape';
import type { Translation } from './translation';
import type { Value } from './value';

/** An operation that has no translation. */
export class UntranslatableError extends Error {
  constructor(
    /** `NonMaxSuppressionV3`, or `Conv2D with explicit zeros`. */
    readonly operation: string,
    /** Name of the node. */
    readonly node: string,
  ) {
    super(`uses the operation ${operation} at '${node}', which has no translation to ONNX`);
  }
}

/** Translates a node: adds ONNX nodes and returns the node's outputs. */
export type Operation = (node: Operand, to: Translation) => Value | readonly Value[];

/** A node of the TensorFlow graph with its inputs. Attributes that TensorFlow omits have TensorFlow's defaults. */
export class Operand {
  constructor(
    private readonly definition: NodeDef__Output,
    readonly inputs: readonly Value[],
  ) {}

  get name(): string {
    return this.definition.name;
  }

  get op(): string {
    return this.definition.op;
  }

  /** @throws UntranslatableError if the node does not have the input */
  input(index: number): Value {
    return this.inputs[index] ?? this.refuse(`without input ${index}`);
  }

  int(attribute: string, otherwise = 0): number {
    return findAttribute(this.definition, attribute)?.i ?? otherwise;
  }

  float(attribute: string, otherwise: number): number {
    return findAttribute(this.definition, attribute)?.f ?? otherwise;
  }

  flag(attribute: string, otherwise = false): boolean {
    return findAttribute(this.definition, attribute)?.b ?? otherwise;
  }

  text(attribute: string, otherwise: string): string {
    return findAttribute(this.definition, attribute)?.s?.toString('latin1') ?? otherwise;
  }

  list(attribute: string, otherwise: readonly number[] = []): readonly number[] {
    const found = findAttribute(this.definition, attribute)?.list?.i ?? [];
    return found.length > 0 ? found : otherwise;
  }

  dataType(attribute: string): DataType__Output | undefined {
    return findAttribute(this.definition, attribute)?.type;
  }

  /**
   * Returns the elements of an input that must be known, such as axes.
   * @throws UntranslatableError if they depend on the graph's input
   */
  known(index: number): readonly number[] {
    return this.input(index).numbers ?? this.refuse(`with a computed input ${index}`);
  }

  /** @throws UntranslatableError if the number of an input's dimensions is unknown */
  rank(index: number): number {
    return this.input(index).rank ?? this.refuse('of an unknown number of dimensions');
  }

  /** Returns axes counted from the start of an input's dimensions. */
  axes(index: number, axes: readonly number[]): readonly number[] {
    const rank = this.rank(index);
    return axes.map((axis) => {
      const found = fromStart(axis, rank);
      return found >= 0 && found < rank ? found : this.refuse(`with axis ${axis} of ${rank}`);
    });
  }

  refuse(why = ''): never {
    throw new UntranslatableError(why === '' ? this.op : `${this.op} ${why}`, this.name);
  }
}
