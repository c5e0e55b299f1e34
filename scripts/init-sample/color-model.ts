import { OnnxModel } from '../../lib/tensorflow/onnx/onnx-model';

/** Labels of the model, with the color that each one stands for, as RGB. */
export const COLORS: Readonly<Record<string, readonly [number, number, number]>> = {
  black: [20, 20, 20],
  gray: [128, 128, 128],
  white: [245, 245, 245],
  red: [210, 50, 45],
  orange: [240, 140, 40],
  yellow: [245, 220, 70],
  green: [65, 150, 70],
  blue: [60, 110, 215],
  purple: [130, 70, 165],
  pink: [240, 150, 185],
};

/** Side of the images that the model expects, in pixels. */
const SIDE = 64;
/** Squared distance of two colors that makes one of them e times as probable as the other. */
const TEMPERATURE = 1000;

/**
 * Returns an ONNX model that tells which share of an image has which color. Nothing is trained: a pixel is assigned to the
 * nearest of `COLORS`. The squared distance |x - c|² is linear in the pixel x except for |x|², which the softmax cancels.
 */
export function colorModel(): Buffer {
  const centers = Object.values(COLORS);
  const weights = [0, 1, 2].flatMap((channel) =>
    centers.map((center) => (2 * center[channel]) / TEMPERATURE),
  );
  const bias = centers.map((center) => -center.reduce((sum, value) => sum + value ** 2, 0) / TEMPERATURE);
  const model = new OnnxModel();
  model.input('image', 'float', ['n', SIDE, SIDE, 3]);
  const [products] = model.node('MatMul', [
    'image',
    model.constant(Float32Array.from(weights), [3, centers.length]),
  ]);
  const [logits] = model.node('Add', [products, model.constant(Float32Array.from(bias), [centers.length])]);
  const [perPixel] = model.node('Softmax', [logits], { axis: -1 });
  const [shares] = model.node('ReduceMean', [perPixel, model.constant(Int32Array.from([1, 2]), [2])], {
    keepdims: 0,
  });
  model.output('probabilities', shares, 'float', ['n', centers.length]);
  return model.serialize();
}
