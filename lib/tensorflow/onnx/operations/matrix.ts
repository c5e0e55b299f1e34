import type { Operand, Operation } from '../operation';
import { broadcast } from '../shape';
import type { Translation } from '../translation';
import type { Value } from '../value';

/** Reads a matrix, or a batch of matrices, with its last two axes swapped if the node asks for it. */
function readMatrix(node: Operand, to: Translation, index: number, isSwapped: boolean): string {
  if (!isSwapped) {
    return to.read(node.input(index));
  }
  const axes = Array.from({ length: node.rank(index) }, (_, axis) => axis);
  return to.readPermuted(node.input(index), [...axes.slice(0, -2), ...axes.slice(-2).reverse()]);
}

const multiply =
  (swapLeft: string, swapRight: string): Operation =>
  (node, to) => {
    const [left, right] = [node.flag(swapLeft), node.flag(swapRight)];
    const name = to.node('MatMul', [readMatrix(node, to, 0, left), readMatrix(node, to, 1, right)]);
    return to.value('float', name, { shape: productShape(node.input(0), node.input(1), left, right) });
  };

function productShape(
  { shape: a }: Value,
  { shape: b }: Value,
  isLeftSwapped: boolean,
  isRightSwapped: boolean,
): Value['shape'] {
  const batch = broadcast(a?.slice(0, -2), b?.slice(0, -2));
  const rows = a?.at(isLeftSwapped ? -1 : -2);
  const columns = b?.at(isRightSwapped ? -2 : -1);
  return batch && rows !== undefined && columns !== undefined ? [...batch, rows, columns] : undefined;
}

const einsum: Operation = (node, to) => {
  const name = to.node(
    'Einsum',
    node.inputs.map((input) => to.read(input)),
    { equation: node.text('equation', '') },
  );
  return to.value('float', name, { shape: undefined });
};

/** Matrix products. */
export const matrixOperations: Readonly<Record<string, Operation>> = {
  BatchMatMul: multiply('adj_x', 'adj_y'),
  BatchMatMulV2: multiply('adj_x', 'adj_y'),
  BatchMatMulV3: multiply('adj_x', 'adj_y'),
  Einsum: einsum,
  MatMul: multiply('transpose_a', 'transpose_b'),
};
