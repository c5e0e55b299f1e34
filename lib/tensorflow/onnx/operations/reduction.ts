import type { Operand, Operation } from '../operation';
import type { Dim } from '../shape';
import type { Translation } from '../translation';
import { TO_NCHW, TO_NHWC, type Layout, type Value } from '../value';

/** The layout in which axes can be removed without a transpose, and the axes in it. */
export function removalLayout(
  value: Value,
  axes: readonly number[],
): { layout: Layout; axes: readonly number[] } {
  const isLeft = (axis: number): boolean => !axes.includes(axis);
  const isSameOrder = TO_NCHW.filter(isLeft).join() === [0, 1, 2, 3].filter(isLeft).join();
  return value.isPlanar && isSameOrder
    ? { layout: 'NCHW', axes: axes.map((axis) => TO_NHWC[axis] ?? axis) }
    : { layout: 'NHWC', axes };
}

function reduce(opType: string): Operation {
  return (node, to) => {
    const input = node.input(0);
    const keepsAxes = node.flag('keep_dims', node.flag('keepdims'));
    const axes = [...new Set(node.axes(0, node.known(1)))].sort((a, b) => a - b);
    if (axes.length === 0) {
      return input;
    }
    const shape = (input.shape ?? []).flatMap<Dim>((dim, axis) =>
      axes.includes(axis) ? (keepsAxes ? [1] : []) : [dim],
    );
    const isLogical = input.type === 'bool';
    if (keepsAxes && input.isPlanar && !isLogical) {
      const name = reducePlanes(to, opType, input, axes);
      return to.value(input.type, name, { shape }, 'NCHW');
    }
    if (opType === 'ReduceMean' && axes.join() === '1,2' && input.isPlanar) {
      const pooled = to.node('GlobalAveragePool', [to.read(input, 'NCHW')]);
      return to.value(input.type, to.node('Squeeze', [pooled, to.list(2, 3)]), { shape });
    }
    const { layout, axes: removed } = removalLayout(input, axes);
    const read = to.read(input, layout);
    const numbers = isLogical ? to.node('Cast', [read], { to: 7 }) : read;
    const reduced = to.node(opType, [numbers, to.list(...removed)], { keepdims: Number(keepsAxes) });
    const name = isLogical ? to.node('Cast', [reduced], { to: 9 }) : reduced;
    return to.value(input.type, name, { shape, elements: product(node) });
  };
}

/** onnxruntime has a faster kernel for the mean of all rows and columns. */
function reducePlanes(to: Translation, opType: string, input: Value, axes: readonly number[]): string {
  const read = to.read(input, 'NCHW');
  return opType === 'ReduceMean' && axes.join() === '1,2'
    ? to.node('GlobalAveragePool', [read])
    : to.node(opType, [read, to.list(...axes.map((axis) => TO_NHWC[axis] ?? axis))], { keepdims: 1 });
}

/** `Prod` computes the number of elements from a shape. */
function product(node: Operand): readonly number[] | undefined {
  const { numbers, rank } = node.input(0);
  return node.op === 'Prod' && rank === 1
    ? numbers && [numbers.reduce((all, each) => all * each, 1)]
    : undefined;
}

function search(opType: string): Operation {
  return (node, to) => {
    const input = node.input(0);
    const [axis = 0] = node.axes(0, node.inputs.length > 1 ? node.known(1) : [0]);
    const { layout, axes } = removalLayout(input, [axis]);
    const name = to.node(opType, [to.read(input, layout)], { axis: axes[0] ?? 0, keepdims: 0 });
    return to.value('int', name, { shape: input.shape?.filter((_, each) => each !== axis) });
  };
}

function normalize(opType: string): Operation {
  return (node, to) => {
    const input = node.input(0);
    const layout = input.isPlanar ? 'NCHW' : 'NHWC';
    const axis = input.isPlanar ? 1 : -1;
    const name = to.node(opType, [to.read(input, layout)], { axis });
    return to.value('float', name, { shape: input.shape }, layout);
  };
}

const largest: Operation = (node, to) => {
  const input = node.input(0);
  const count = node.known(1);
  const [values = '', indices = ''] = to.model.node(
    'TopK',
    [to.read(input), to.list(count[0] ?? 1)],
    { axis: -1, largest: 1, sorted: Number(node.flag('sorted', true)) },
    2,
  );
  const shape = input.shape && [...input.shape.slice(0, -1), count[0] ?? 1];
  return [to.value(input.type, values, { shape }), to.value('int', indices, { shape })];
};

/** Reductions, and functions of whole rows such as softmax. */
export const reductionOperations: Readonly<Record<string, Operation>> = {
  All: reduce('ReduceMin'),
  Any: reduce('ReduceMax'),
  ArgMax: search('ArgMax'),
  ArgMin: search('ArgMin'),
  LogSoftmax: normalize('LogSoftmax'),
  Max: reduce('ReduceMax'),
  Mean: reduce('ReduceMean'),
  Min: reduce('ReduceMin'),
  Prod: reduce('ReduceProd'),
  Softmax: normalize('Softmax'),
  Sum: reduce('ReduceSum'),
  TopKV2: largest,
};
