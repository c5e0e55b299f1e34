import { countOf, type Dim, type Dims } from './shape';
import type { ElementType } from './onnx-model';

/**
 * Order of a tensor's axes. TensorFlow's graphs use NHWC; ONNX convolutions need NCHW. Only tensors of rank 4 have the
 * second.
 */
export type Layout = 'NHWC' | 'NCHW';

/** Position of each NCHW axis in NHWC, and the reverse. */
export const TO_NCHW = [0, 3, 1, 2];
export const TO_NHWC = [0, 2, 3, 1];

export type ConstantData = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** An element of an integer tensor, if it is known before the graph runs. */
export type Element = Dim | undefined;

/** What is known about a tensor besides its type. */
export interface ValueFacts {
  /** Dimensions in TensorFlow's order, regardless of the layout. */
  readonly shape: Dims;
  readonly data?: ConstantData | undefined;
  /** Elements of a small integer tensor, such as a shape. */
  readonly elements?: readonly Element[] | undefined;
  /** Zero padding that produced the tensor, so that a convolution can do it instead. */
  readonly padded?: (Edges & { readonly source: Value }) | undefined;
  /** Blocks that SpaceToBatchND splits a tensor into. No ONNX tensor holds them. */
  readonly blocks?: Blocks | undefined;
  /** A convolution of blocks. */
  readonly dilated?: { readonly blocks: Blocks; readonly convolution: (padding: Edges) => Value } | undefined;
}

/** Two numbers: of rows and columns, or at the start and the end. */
export type Pair = readonly [number, number];

/** Padding at the start and the end of rows and columns. */
export interface Edges {
  readonly rows: Pair;
  readonly columns: Pair;
}

interface Blocks extends Edges {
  readonly source: Value;
  readonly size: Pair;
}

/** A tensor of the TensorFlow graph, and the ONNX tensors that hold it in one layout or both. */
export class Value {
  readonly names = new Map<Layout, string>();

  constructor(
    readonly type: ElementType,
    readonly facts: ValueFacts,
  ) {}

  get shape(): Dims {
    return this.facts.shape;
  }

  get rank(): number | undefined {
    return this.facts.shape?.length;
  }

  /** Whether the tensor is available in NCHW, so that an operation does well to stay in that layout. */
  get isPlanar(): boolean {
    return this.names.has('NCHW');
  }

  /** Elements as numbers; `undefined` if any is unknown. */
  get numbers(): readonly number[] | undefined {
    const { elements } = this.facts;
    return elements?.every((element) => typeof element === 'number') ? elements : undefined;
  }

  /** Number of elements, if known. */
  get count(): number | undefined {
    return this.shape && countOf(this.shape);
  }
}
