import type { Operation } from '../operation';

/**
 * Images are resized in NCHW, for which onnxruntime has fast kernels.
 * @see https://onnx.ai/onnx/operators/onnx__Resize.html
 */
function resize(mode: 'linear' | 'nearest'): Operation {
  return (node, to) => {
    const input = node.input(0);
    const sizes = node.known(1);
    const [batch = to.unknownSize(), , , channels = to.unknownSize()] = input.shape ?? [];
    const read = to.read(input, 'NCHW');
    // Not the attribute `axes`: onnxruntime 1.30 ignores it when it moves a transpose from one side to the other.
    const whole =
      typeof batch === 'number' && typeof channels === 'number'
        ? to.list(batch, channels, ...sizes)
        : to.node('Concat', [to.node('Shape', [read], { start: 0, end: 2 }), to.list(...sizes)], { axis: 0 });
    const isAligned = node.flag('align_corners');
    const isCentered = node.flag('half_pixel_centers');
    const name = to.node('Resize', [read, '', '', whole], {
      mode,
      coordinate_transformation_mode: isAligned ? 'align_corners' : isCentered ? 'half_pixel' : 'asymmetric',
      // Of the pixels that are equally near, TensorFlow takes the later one.
      ...(mode === 'nearest' && { nearest_mode: isAligned || isCentered ? 'round_prefer_ceil' : 'floor' }),
    });
    return to.value('float', name, { shape: [batch, ...sizes, channels] }, 'NCHW');
  };
}

/** Resizing of images. */
export const resizeOperations: Readonly<Record<string, Operation>> = {
  ResizeBilinear: resize('linear'),
  ResizeNearestNeighbor: resize('nearest'),
};
