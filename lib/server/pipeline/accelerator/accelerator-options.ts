import { formatAddress, parseAddress } from '../../../connection/address';
import { numberAbove, outOfRange, wholeNumber } from '../../../validation/number-range';

/** The protocol that an accelerator server speaks. */
export type AcceleratorProtocol =
  /** `inference.GRPCInferenceService`: Triton, OpenVINO Model Server, AMD Inference Server, KServe. */
  | 'kserve-v2'
  /** `tensorflow.serving.PredictionService`: TensorFlow Serving, and another `cdktf-brainwave serve`. */
  | 'tensorflow-serving';

/** The server beside the scoring server that runs `brainwave` stages. */
export interface AcceleratorOptions {
  readonly protocol: AcceleratorProtocol;
  /** `host:port`, reached in plaintext: the same machine, or the same pod. IPv6 in brackets. */
  readonly address: string;
  /**
   * The name of the model's input there.
   * @default its only one, else the one that the stage's `software` names
   */
  readonly inputTensor?: string | undefined;
  /** The name of the output with the features there. @default as `inputTensor` */
  readonly outputTensor?: string | undefined;
  /**
   * Milliseconds that the accelerator may take for a request that has no deadline of its own, or a later one.
   * @default 30,000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * The most images in one call to the accelerator; a larger batch goes there in several calls, side by side.
   * @default 8
   */
  readonly maxBatch?: number | undefined;
}

export const ACCELERATOR_PROTOCOLS: readonly AcceleratorProtocol[] = ['kserve-v2', 'tensorflow-serving'];

/** @throws RangeError if an option is invalid */
export function checkAcceleratorOptions({
  protocol,
  address,
  timeoutMs,
  maxBatch,
}: AcceleratorOptions): void {
  if (!ACCELERATOR_PROTOCOLS.includes(protocol)) {
    throw new RangeError(
      `the accelerator's protocol is '${protocol}'; give one of ${ACCELERATOR_PROTOCOLS.join(', ')}`,
    );
  }
  if (!/:\d+$/.test(address) || !isAddress(address)) {
    throw new RangeError(`the accelerator's address is '${address}'; give host:port, as in 127.0.0.1:8001`);
  }
  const problem =
    outOfRange("the accelerator's timeoutMs", timeoutMs, numberAbove(0)) ??
    outOfRange("the accelerator's maxBatch", maxBatch, wholeNumber(1));
  if (problem !== undefined) {
    throw new RangeError(problem);
  }
}

function isAddress(text: string): boolean {
  try {
    // An IPv6 address without brackets has colons, too, but no port.
    return formatAddress(parseAddress(text, 1)) === text.replace(/:0+(?=\d+$)/, ':');
  } catch {
    return false;
  }
}
