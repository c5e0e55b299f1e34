import { halfToFloat } from '../../wire/half-float';
import type { NodeDef__Output } from '../../wire/proto/types/tensorflow/NodeDef';
import type { TensorProto__Output } from '../../wire/proto/types/tensorflow/TensorProto';
import { elementCount } from '../../wire/tensor';
import { findAttribute, GraphProblem } from './graph-node';

/** A constant in the form in which TensorFlow.js accepts weights: its TensorFlow.js type and little-endian bytes. */
export interface Constant {
  readonly dtype: 'float32' | 'int32' | 'bool' | 'string' | 'complex64';
  readonly shape: readonly number[];
  readonly bytes: ArrayBuffer;
}

// Applies to constants stored as lists. There, one value can represent millions, so the file's size is no limit.
const MAX_LISTED_BYTES = 2 ** 28;
// 1 GiB of floats.
const MAX_ELEMENTS = 2 ** 28;
// One stored value can represent a whole tensor, so the file's size does not limit the memory of such a constant.
const MAX_FILLED_ELEMENTS = 2 ** 24;
const MAX_TEXT_BYTES = 2 ** 26;
const int32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };

/** Reads the constants of a graph and limits the memory of those that the file does not contain in full. */
export class ConstantReader {
  private listedBytes = 0;

  /**
   * Returns the value of a Const node.
   * @throws GraphProblem as `convertConstant` does, or if the constants so far are too large together
   */
  read(node: NodeDef__Output): Constant {
    const { tensor } = findAttribute(node, 'value') ?? {};
    if (tensor == null) {
      throw new GraphProblem(`has a constant '${node.name}' without a value; freeze the graph again`);
    }
    const constant = convertConstant(node.name, tensor);
    if (tensor.tensorContent.length === 0) {
      this.listedBytes += constant.bytes.byteLength;
    }
    if (this.listedBytes > MAX_LISTED_BYTES) {
      throw new GraphProblem(
        `has constants of more than ${MAX_LISTED_BYTES / 2 ** 20} MB, most of which the file does not contain; ` +
          'replace them with fill operations (Fill, BroadcastTo)',
      );
    }
    return constant;
  }
}

/**
 * Converts a Const node's value. Types that TensorFlow.js lacks become the nearest type that it has: doubles and
 * halves become float32, integers become int32. 64-bit integers outside the int32 range are clamped, which preserves
 * the meaning of "to the end" in slices.
 * @throws GraphProblem if the type has no counterpart or the content does not fit the shape
 */
function convertConstant(name: string, tensor: TensorProto__Output): Constant {
  const shape = (tensor.tensorShape?.dim ?? []).map((dim) => dim.size);
  const count = elementCount(shape);
  if (shape.some((size) => size < 0) || count > MAX_ELEMENTS) {
    throw new GraphProblem(
      `has a constant '${name}' of shape [${shape.join(', ')}], which is invalid or too large`,
    );
  }
  const values = new ConstantValues(name, tensor, count);
  switch (tensor.dtype) {
    case 'DT_FLOAT':
      return {
        dtype: 'float32',
        shape,
        bytes: values.packed(4) ?? values.floats(values.list(tensor.floatVal)),
      };
    case 'DT_DOUBLE':
      return {
        dtype: 'float32',
        shape,
        bytes: values.floats(values.read(8, getters.float64, tensor.doubleVal)),
      };
    case 'DT_HALF': {
      const halves = values.read(2, getters.uint16, tensor.halfVal);
      return { dtype: 'float32', shape, bytes: values.floats(halves.map(halfToFloat)) };
    }
    case 'DT_INT32':
      return {
        dtype: 'int32',
        shape,
        bytes: values.packed(4) ?? values.integers(values.list(tensor.intVal)),
      };
    case 'DT_INT16':
      return { dtype: 'int32', shape, bytes: values.integers(values.read(2, getters.int16, tensor.intVal)) };
    case 'DT_UINT16':
      return { dtype: 'int32', shape, bytes: values.integers(values.read(2, getters.uint16, tensor.intVal)) };
    case 'DT_INT8':
      return { dtype: 'int32', shape, bytes: values.integers(values.read(1, getters.int8, tensor.intVal)) };
    case 'DT_UINT8':
      return { dtype: 'int32', shape, bytes: values.integers(values.read(1, getters.uint8, tensor.intVal)) };
    case 'DT_INT64':
      return {
        dtype: 'int32',
        shape,
        bytes: values.integers(values.read(8, getters.int64, tensor.int64Val)),
      };
    case 'DT_BOOL':
      return {
        dtype: 'bool',
        shape,
        bytes: values.packed(1) ?? values.booleans(values.list(tensor.boolVal)),
      };
    case 'DT_COMPLEX64':
      return { dtype: 'complex64', shape, bytes: values.packed(8) ?? values.refuse() };
    case 'DT_STRING':
      return { dtype: 'string', shape, bytes: values.texts() };
    default:
      throw new GraphProblem(
        `has a constant '${name}' of type ${tensor.dtype}, which TensorFlow.js does not support; convert the graph ` +
          'to ONNX (tf2onnx) and use an onnx stage',
      );
  }
}

type Getter = (view: DataView, at: number) => number;

const getters = {
  float64: (view, at) => view.getFloat64(at, true),
  uint16: (view, at) => view.getUint16(at, true),
  int16: (view, at) => view.getInt16(at, true),
  uint8: (view, at) => view.getUint8(at),
  int8: (view, at) => view.getInt8(at),
  int64: (view, at) => Number(view.getBigInt64(at, true)),
} satisfies Record<string, Getter>;

/** Values of a constant, stored either packed in `tensor_content` or in the list field of its type. */
class ConstantValues {
  constructor(
    private readonly name: string,
    private readonly tensor: TensorProto__Output,
    private readonly count: number,
  ) {}

  /** Returns the bytes of `tensor_content` if the values are stored there. */
  packed(size: number): ArrayBuffer | undefined {
    const { tensorContent } = this.tensor;
    if (tensorContent.length === 0) {
      return undefined;
    }
    if (tensorContent.length !== this.count * size) {
      this.refuse();
    }
    return Uint8Array.from(tensorContent).buffer;
  }

  read(size: number, get: Getter, listed: readonly number[]): readonly number[] {
    const content = this.packed(size);
    if (content === undefined) {
      return this.list(listed);
    }
    const view = new DataView(content);
    return Array.from({ length: this.count }, (_, index) => get(view, index * size));
  }

  /** Returns the values of a list field. TensorFlow omits trailing repetitions: the last value fills the rest. */
  list<Value>(listed: readonly Value[]): readonly Value[] {
    if (listed.length > this.count || this.tensor.tensorContent.length > 0) {
      this.refuse();
    }
    if (this.count > Math.max(listed.length, MAX_FILLED_ELEMENTS)) {
      this.refuseSize(`${this.count} elements`);
    }
    return listed;
  }

  floats(values: readonly number[]): ArrayBuffer {
    const data = new Float32Array(this.count).fill(values.at(-1) ?? 0);
    data.set(values);
    return data.buffer;
  }

  integers(values: readonly number[]): ArrayBuffer {
    const clamped = values.map((value) => Math.min(Math.max(value, int32.min), int32.max));
    const data = new Int32Array(this.count).fill(clamped.at(-1) ?? 0);
    data.set(clamped);
    return data.buffer;
  }

  booleans(values: readonly boolean[]): ArrayBuffer {
    const data = new Uint8Array(this.count).fill(Number(values.at(-1) ?? false));
    data.set(values.map(Number));
    return data.buffer;
  }

  texts(): ArrayBuffer {
    const { stringVal } = this.tensor;
    const bytes = stringVal.reduce((sum, { length }) => sum + length, 0);
    const repeated = (this.count - stringVal.length) * (stringVal.at(-1)?.length ?? 0);
    if (bytes + repeated > MAX_TEXT_BYTES) {
      this.refuseSize(`${bytes + repeated} bytes of text`);
    }
    const listed = this.list(stringVal);
    const last = listed.at(-1) ?? Buffer.alloc(0);
    return strings(Array.from({ length: this.count }, (_, index) => listed[index] ?? last));
  }

  refuse(): never {
    throw new GraphProblem(
      `has a constant '${this.name}' whose values do not fit its shape (${this.count} of ${this.tensor.dtype}); ` +
        'freeze the graph again',
    );
  }

  private refuseSize(size: string): never {
    throw new GraphProblem(
      `has a constant '${this.name}' of ${size}, most of which the file does not contain; ` +
        'replace it with a fill operation (Fill, BroadcastTo)',
    );
  }
}

/** Encodes strings for TensorFlow.js: each is preceded by its length in 4 bytes. */
function strings(values: readonly Buffer[]): ArrayBuffer {
  const parts = values.flatMap((value) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(value.length);
    return [length, value];
  });
  return Uint8Array.from(Buffer.concat(parts)).buffer;
}
