import { findAttribute, GraphProblem, parseReference } from '../../tensorflow/graph-def/graph-node';
import type { GraphDef__Output } from '../../wire/proto/types/tensorflow/GraphDef';
import type { NodeDef__Output } from '../../wire/proto/types/tensorflow/NodeDef';

/** Constants of the SDK's `preprocess_array`, as the properties of an image stage. */
export interface PreprocessArray {
  readonly resize: number;
  readonly crop: number;
  /** Whether images keep their proportions; otherwise both sides are resized to `resize`. */
  readonly preserveAspectRatio: boolean;
  /** Means of the red, green and blue channels. */
  readonly mean: readonly number[];
  readonly scale: number;
  readonly order: 'RGB' | 'BGR';
}

/** Returns whether a graph accepts encoded images: its input is a tensor of strings. */
export function takesStrings(graph: GraphDef__Output, input: string): boolean {
  const node = graph.node.find(({ name }) => name === parseReference(input).node);
  return node?.op === 'Placeholder' && findAttribute(node, 'dtype')?.type === 'DT_STRING';
}

/**
 * Recognizes the graph that `azureml.contrib.brainwave.models.utils.preprocess_array` creates, by its structure: a loop
 * that decodes, resizes bilinearly, crops the center, subtracts a mean per channel, orders channels and scales.
 * @throws GraphProblem if the graph decodes images in another way
 */
export function recognizePreprocessArray(graph: GraphDef__Output, output: string): PreprocessArray {
  try {
    return new Matcher(graph).match(output);
  } catch (error) {
    if (!(error instanceof Mismatch)) {
      throw error;
    }
    const operations = [...new Set(graph.node.map(({ op }) => op))].sort().join(', ');
    throw new GraphProblem(
      `does not decode images like the SDK's preprocess_array (${error.message}): its operations are ` +
        `${operations}; write a service definition with Stage.image instead`,
    );
  }
}

/**
 * Finds the SDK's `preprocess_array` in a larger graph.
 * @returns its constants and the tensor that holds its images; `undefined` if the graph has none
 */
export function findPreprocessArray(
  graph: GraphDef__Output,
): (PreprocessArray & { readonly output: string }) | undefined {
  for (const { name, op } of graph.node) {
    if (op !== 'TensorArrayGatherV3') {
      continue;
    }
    try {
      return { ...new Matcher(graph).match(name), output: `${name}:0` };
    } catch (error) {
      if (!(error instanceof Mismatch)) {
        throw error;
      }
    }
  }
  return undefined;
}

class Mismatch extends Error {}

const PASSING = new Set(['Identity', 'Squeeze', 'ExpandDims', 'Reshape', 'Exit', 'Enter', 'NextIteration']);

class Matcher {
  private readonly nodes: ReadonlyMap<string, NodeDef__Output>;

  constructor(graph: GraphDef__Output) {
    this.nodes = new Map(graph.node.map((node) => [node.name, node]));
  }

  match(output: string): PreprocessArray {
    const gather = this.expect(output, 'TensorArrayGatherV3');
    const loop = this.expect(gather.input[2], 'Switch');
    const next = this.expect(loop.input[0], 'Merge').input.map((input) => this.node(input));
    const write = next.find((node) => node.op === 'TensorArrayWriteV3');
    if (write === undefined) {
      throw new Mismatch('its loop writes no image');
    }
    const scaled = this.expect(write.input[2], 'Mul');
    const scale = this.scalar(scaled.input[1]);
    const concat = this.expect(scaled.input[0], 'ConcatV2');
    if (concat.input.length !== 4 || this.scalar(concat.input[3]) !== 3) {
      throw new Mismatch('it does not join three channels');
    }
    const channels = concat.input.slice(0, 3).map((input) => this.channel(input));
    const indices = channels.map(({ index }) => index).join('');
    if (indices !== '012' && indices !== '210') {
      throw new Mismatch(`it orders channels ${indices}`);
    }
    const mean = [...channels].sort((left, right) => left.index - right.index).map((channel) => channel.mean);
    const sources = new Set(channels.map(({ source }) => source.name));
    const [{ source } = { source: concat }] = channels;
    if (sources.size !== 1) {
      throw new Mismatch('it joins channels of several images');
    }
    return { ...this.size(source), mean, scale, order: indices === '012' ? 'RGB' : 'BGR' };
  }

  /** `Sub(Slice(image, [0, 0, 0, index], …), mean)`. */
  private channel(input: string): { index: number; mean: number; source: NodeDef__Output } {
    const sub = this.expect(input, 'Sub');
    const slice = this.expect(sub.input[0], 'Slice');
    const begin = this.numbers(slice.input[1]);
    const [, , , index = -1] = begin;
    if (begin.length !== 4 || begin.slice(0, 3).some((offset) => offset !== 0)) {
      throw new Mismatch('it cuts channels at an offset');
    }
    return { index, mean: this.scalar(sub.input[1]), source: this.node(slice.input[0]) };
  }

  /** Matches a resized image, which is cropped if its aspect ratio was preserved. */
  private size(source: NodeDef__Output): Pick<PreprocessArray, 'resize' | 'crop' | 'preserveAspectRatio'> {
    if (source.op === 'Slice') {
      return { ...this.crop(source), preserveAspectRatio: true };
    }
    if (source.op !== 'ResizeBilinear') {
      throw new Mismatch(`it resizes with ${source.op}`);
    }
    this.decode(source);
    const [height = NaN, width, ...others] = this.numbers(source.input[1]);
    if (!Number.isFinite(height) || height !== width || others.length > 0) {
      throw new Mismatch('it does not resize to a square');
    }
    return { resize: height, crop: height, preserveAspectRatio: false };
  }

  /** Matches the central square of a resized image. */
  private crop(slice: NodeDef__Output): { crop: number; resize: number } {
    const [height, width] = this.expect(slice.input[2], 'Pack').input.map((input, axis) =>
      axis < 2 ? this.scalar(input) : 0,
    );
    const offsets = this.expect(this.expect(slice.input[1], 'Cast').input[0], 'Pack').input.slice(0, 2);
    for (const offset of offsets) {
      const half = this.expect(offset, 'RealDiv');
      const margin = this.expect(this.expect(half.input[0], 'Cast').input[0], 'Sub');
      if (
        this.scalar(this.expect(half.input[1], 'Cast').input[0]) !== 2 ||
        this.scalar(margin.input[1]) !== height
      ) {
        throw new Mismatch('it does not crop the center');
      }
    }
    if (!Number.isFinite(height) || height !== width) {
      throw new Mismatch('it does not crop a square');
    }
    return { crop: height, resize: this.resize(this.expect(slice.input[0], 'ResizeBilinear')) };
  }

  /** Matches the resized image that is decoded to three channels. */
  private decode(node: NodeDef__Output): void {
    if (
      findAttribute(node, 'align_corners')?.b === true ||
      findAttribute(node, 'half_pixel_centers')?.b === true
    ) {
      throw new Mismatch('it resizes with other coordinates');
    }
    const cast = this.expect(node.input[0], 'Cast');
    const decode = this.node(cast.input[0]);
    if (!/^Decode(Png|Jpeg|Image)$/.test(decode.op) || findAttribute(decode, 'channels')?.i !== 3) {
      throw new Mismatch(`it decodes with ${decode.op}`);
    }
    this.expect(decode.input[0], 'TensorArrayReadV3');
  }

  /** Matches a decoded image, and returns the shorter side after resizing. */
  private resize(node: NodeDef__Output): number {
    this.decode(node);
    const size = this.node(node.input[1]);
    if (size.op !== 'Pack') {
      throw new Mismatch('it does not keep the aspect ratio');
    }
    const sides = size.input.map((side) => {
      const product = this.expect(this.expect(side, 'Cast').input[0], 'Mul');
      const branches = this.expect(product.input[1], 'Merge').input.map((branch) => {
        const quotient = this.expect(branch, 'RealDiv');
        return this.scalar(this.expect(this.expect(quotient.input[0], 'Switch').input[0], 'Cast').input[0]);
      });
      return new Set(branches).size === 1 ? branches[0] : undefined;
    });
    const [resize] = sides;
    if (resize === undefined || sides.some((side) => side !== resize)) {
      throw new Mismatch('it scales rows and columns differently');
    }
    return resize;
  }

  /** Returns the node that computes a tensor, skipping nodes that only pass it on. */
  private node(input = ''): NodeDef__Output {
    let name = parseReference(input).node;
    for (let steps = 0; steps <= this.nodes.size; steps += 1) {
      const node = this.nodes.get(name);
      if (node === undefined) {
        throw new Mismatch(`it has no node ${name || '(without a name)'}`);
      }
      if (!PASSING.has(node.op)) {
        return node;
      }
      name = parseReference(node.input[0] ?? '').node;
    }
    throw new Mismatch('its nodes form a cycle');
  }

  private expect(input: string | undefined, op: string): NodeDef__Output {
    const node = this.node(input);
    if (node.op !== op) {
      throw new Mismatch(`${node.name} is a ${node.op}, not a ${op}`);
    }
    return node;
  }

  private scalar(input: string | undefined): number {
    const value = this.numbers(input).at(0);
    if (value === undefined) {
      throw new Mismatch('a constant is missing');
    }
    return value;
  }

  private numbers(input: string | undefined): readonly number[] {
    const node = this.expect(input, 'Const');
    const tensor = findAttribute(node, 'value')?.tensor;
    if (tensor == null) {
      throw new Mismatch(`${node.name} has no value`);
    }
    const { tensorContent: bytes, floatVal, intVal } = tensor;
    if (bytes.length === 0) {
      return tensor.dtype === 'DT_FLOAT' ? floatVal.map(shortest) : intVal;
    }
    const count = Math.min(16, Math.floor(bytes.length / 4));
    return Array.from({ length: count }, (_, index) =>
      tensor.dtype === 'DT_FLOAT' ? shortest(bytes.readFloatLE(index * 4)) : bytes.readInt32LE(index * 4),
    );
  }
}

/** Returns the shortest decimal that is the same float32: 123.68 for 123.68000030517578. */
function shortest(value: number): number {
  for (let digits = 1; digits < 10; digits += 1) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === Math.fround(value)) {
      return rounded;
    }
  }
  return value;
}
