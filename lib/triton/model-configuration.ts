/** A tensor as Triton is told of it. */
export interface TritonTensor {
  readonly name: string;
  /** Its sizes, the batch first: -1 for one that is not fixed. */
  readonly shape: readonly number[];
}

/** A model as Triton is told of it. All its numbers are 32-bit floats. */
export interface TritonModel {
  readonly name: string;
  /** `onnxruntime_onnx` or `tensorflow_graphdef`. */
  readonly platform: string;
  readonly input: TritonTensor;
  readonly output: TritonTensor;
}

/** What one request may bring: as many images as the scoring server takes in one. */
const MAX_BATCH = 64;

/**
 * `config.pbtxt`. Where the model leaves the batch open, Triton puts requests that wait together; otherwise it
 * runs each as it comes.
 *
 * Source: "Model Configuration" in the Triton Inference Server user guide.
 */
export function tritonModelConfiguration({ name, platform, input, output }: TritonModel): string {
  const batched = [input, output].every(({ shape }) => shape[0] === -1);
  const tensor = ({ name: tensorName, shape }: TritonTensor) => {
    const dims = batched ? shape.slice(1) : shape;
    return `[\n  { name: ${quote(tensorName)} data_type: TYPE_FP32 dims: [ ${dims.join(', ')} ] }\n]`;
  };
  return [
    `name: ${quote(name)}`,
    `platform: ${quote(platform)}`,
    `max_batch_size: ${batched ? MAX_BATCH : 0}`,
    `input ${tensor(input)}`,
    `output ${tensor(output)}`,
    ...(batched ? ['dynamic_batching { }'] : []),
    '',
  ].join('\n');
}

/** The text format of protocol buffers escapes as C does; these are what a name could break out with. */
function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`;
}
