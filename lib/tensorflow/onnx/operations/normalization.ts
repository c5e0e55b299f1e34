import type { Operation } from '../operation';
import { planesValue, readPlanes } from './convolution';

const fusedBatchNorm: Operation = (node, to) => {
  if (node.flag('is_training', true)) {
    node.refuse('in training mode');
  }
  const { name, shape } = readPlanes(node, to, node.input(0));
  // Scale, offset, mean and variance.
  const parameters = [1, 2, 3, 4].map((index) => to.read(node.input(index)));
  const result = to.node('BatchNormalization', [name, ...parameters], {
    epsilon: Float32Array.of(node.float('epsilon', 0.0001)),
  });
  // The statistics, which are further outputs, are those that the node got.
  return [planesValue(node, to, result, shape), node.input(3), node.input(4), node.input(3), node.input(4)];
};

/** The batch norm of graphs before 2016. */
const globalBatchNorm: Operation = (node, to) => {
  const { name, shape } = readPlanes(node, to, node.input(0));
  const [mean, variance, beta, gamma] = [1, 2, 3, 4].map((index) => node.input(index));
  const count = gamma.facts.data?.length ?? node.refuse('with computed parameters');
  const ones = to.constant(new Float32Array(count).fill(1), [count]);
  const scale = node.flag('scale_after_normalization') ? gamma : ones;
  const parameters = [scale, beta, mean, variance].map((input) => to.read(input));
  const result = to.node('BatchNormalization', [name, ...parameters], {
    epsilon: Float32Array.of(node.float('variance_epsilon', 0)),
  });
  return planesValue(node, to, result, shape);
};

const localResponseNorm: Operation = (node, to) => {
  const { name, shape } = readPlanes(node, to, node.input(0));
  const size = 2 * node.int('depth_radius', 5) + 1;
  const result = to.node('LRN', [name], {
    size,
    // ONNX divides by the size.
    alpha: Float32Array.of(node.float('alpha', 1) * size),
    beta: Float32Array.of(node.float('beta', 0.5)),
    bias: Float32Array.of(node.float('bias', 1)),
  });
  return planesValue(node, to, result, shape);
};

/** Batch norm and local response normalization. */
export const normalizationOperations: Readonly<Record<string, Operation>> = {
  BatchNormWithGlobalNormalization: globalBatchNorm,
  FusedBatchNorm: fusedBatchNorm,
  FusedBatchNormV2: fusedBatchNorm,
  FusedBatchNormV3: fusedBatchNorm,
  LRN: localResponseNorm,
};
