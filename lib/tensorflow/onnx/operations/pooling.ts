import type { Attributes } from '../onnx-model';
import type { Operation } from '../operation';
import { planesValue, planWindow, readPlanes, spatial } from './convolution';

function pool(opType: string, attributes: Attributes = {}): Operation {
  return (node, to) => {
    const { name, shape } = readPlanes(node, to, node.input(0));
    const [batch, channels, rows, columns] = shape;
    const kernel = spatial(node, 'ksize');
    const window = planWindow(node, to, [rows, columns], { kernel, strides: spatial(node, 'strides') });
    const result = to.node(opType, [name], { ...attributes, ...window.attributes, kernel_shape: kernel });
    return planesValue(node, to, result, [batch, channels, ...window.sizes]);
  };
}

/** Pooling. */
export const poolingOperations: Readonly<Record<string, Operation>> = {
  // TensorFlow's average leaves the padding out.
  AvgPool: pool('AveragePool', { count_include_pad: 0 }),
  MaxPool: pool('MaxPool'),
};
