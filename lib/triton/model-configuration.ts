/** A tensor in a Triton model configuration. */
export interface TritonTensor {
  readonly name: string;
  /** Dimensions, batch first; -1 for a dimension that is not fixed. */
  readonly shape: readonly number[];
}

/** A model in a Triton model configuration. All tensors contain 32-bit floats. */
export interface TritonModel {
  readonly name: string;
  /** `onnxruntime_onnx` or `tensorflow_graphdef`. */
  readonly platform: string;
  readonly input: TritonTensor;
  readonly outputs: readonly TritonTensor[];
}

/** Maximum batch size: the maximum number of images per request of the scoring server. */
const MAX_BATCH = 64;

/**
 * Returns the content of `config.pbtxt`. If the model's batch size is not fixed, Triton batches queued requests;
 * otherwise it runs each request separately.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_configuration.html
 */
export function tritonModelConfiguration({ name, platform, input, outputs }: TritonModel): string {
  const batched = [input, ...outputs].every(({ shape }) => shape[0] === -1);
  const tensor = ({ name: tensorName, shape }: TritonTensor) => {
    const dims = batched ? shape.slice(1) : shape;
    return `{ name: ${quote(tensorName)} data_type: TYPE_FP32 dims: [ ${dims.join(', ')} ] }`;
  };
  const list = (tensors: readonly TritonTensor[]) => `[\n  ${tensors.map(tensor).join(',\n  ')}\n]`;
  return [
    `name: ${quote(name)}`,
    `platform: ${quote(platform)}`,
    `max_batch_size: ${batched ? MAX_BATCH : 0}`,
    `input ${list([input])}`,
    `output ${list(outputs)}`,
    ...(batched ? ['dynamic_batching { }'] : []),
    '',
  ].join('\n');
}

/** The text format of protocol buffers uses C escapes. These characters could end the string. */
function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`;
}
