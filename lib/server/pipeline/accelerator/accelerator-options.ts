import { formatAddress, parseAddress } from '../../../connection/address';
import { numberAbove, outOfRange, wholeNumber, type NumberRange } from '../../../validation/number-range';
import { propertyNames, type OptionNames } from '../../../validation/option-names';

/** Protocol of an accelerator server. */
export type AcceleratorProtocol =
  /** `inference.GRPCInferenceService`: Triton, OpenVINO Model Server, AMD Inference Server, KServe. */
  | 'kserve-v2'
  /** `tensorflow.serving.PredictionService`: TensorFlow Serving, and another `cdktf-brainwave serve`. */
  | 'tensorflow-serving';

/** The server next to the scoring server that runs `brainwave` stages. */
export interface AcceleratorOptions {
  readonly protocol: AcceleratorProtocol;
  /** `host:port` in the same machine or pod; the connection is plaintext. IPv6 addresses are in brackets. */
  readonly address: string;
  /**
   * Name of the model on the accelerator.
   * @default - `model_ref` of the stage
   */
  readonly modelName?: string | undefined;
  /**
   * Version of the model on the accelerator. An empty string leaves the choice to the accelerator, which some servers
   * require of models without a version (MLServer).
   * @default - `model_version` of the stage. With `kserve-v2`, a version that is not a whole number becomes the number that
   * `triton-repository` uses for it.
   */
  readonly modelVersion?: string | undefined;
  /**
   * Name of the model's input on the accelerator.
   * @default - the only input, else the input that the stage's `software` names
   */
  readonly inputTensor?: string | undefined;
  /**
   * Name of the model's output with the features.
   * @default - the only output, else the output that the stage's `software` names
   */
  readonly outputTensor?: string | undefined;
  /**
   * Names of the model's outputs on the accelerator for a stage with several outputs, by the names that clients see.
   * @default - the outputs with the names that clients see, else those that the stage's `software` names
   */
  readonly outputTensors?: Readonly<Record<string, string>> | undefined;
  /**
   * Maximum number of milliseconds for a call to the accelerator. An earlier deadline of the request takes precedence.
   * @default 30,000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Maximum number of images in one call to the accelerator. A larger batch is split into parallel calls.
   * @default 8
   */
  readonly maxBatch?: number | undefined;
  /**
   * Milliseconds that a request waits for other requests, to be sent with them in one call of at most `maxBatch` images:
   * `batch_timeout_micros` of TensorFlow Serving, in milliseconds. Set it only for an accelerator that gains from larger batches and does
   * not merge requests itself. CPUs gain nothing from it.
   * @default 0: each request is sent at once, alone
   */
  readonly maxBatchDelayMs?: number | undefined;
  /**
   * Maximum number of bytes of one request or response of the accelerator. A larger batch is split into parallel calls.
   * @default 4,194,304 (4 MiB), which gRPC servers accept unless they are configured otherwise
   */
  readonly maxMessageBytes?: number | undefined;
}

/** Model on an accelerator: its name, and its version unless the accelerator chooses one. */
export interface AcceleratorModelName {
  readonly name: string;
  /** Empty if the accelerator chooses. */
  readonly version: string;
}

export const ACCELERATOR_PROTOCOLS: readonly AcceleratorProtocol[] = ['kserve-v2', 'tensorflow-serving'];

/** A smaller limit would not even leave room for the names. */
const SMALLEST_MESSAGE_BYTES = 64 * 1024;

/**
 * @param names where the user sets `accelerator.address` and the other options
 * @throws RangeError if an option is invalid
 */
export function checkAcceleratorOptions(
  options: AcceleratorOptions,
  names: OptionNames = propertyNames,
): void {
  const { protocol, address, modelName } = options;
  const name = (option: keyof AcceleratorOptions) => names(`accelerator.${option}`);
  const numberProblem = (
    option: 'timeoutMs' | 'maxBatch' | 'maxBatchDelayMs' | 'maxMessageBytes',
    range: NumberRange,
  ) => outOfRange(name(option), options[option], range);
  if (!ACCELERATOR_PROTOCOLS.includes(protocol)) {
    throw new RangeError(
      `${name('protocol')} is '${protocol}'; set it to one of ${ACCELERATOR_PROTOCOLS.join(', ')}`,
    );
  }
  if (!/:\d+$/.test(address) || !isAddress(address)) {
    throw new RangeError(
      `${name('address')} is '${address}'; set it to host:port, for example 127.0.0.1:8001`,
    );
  }
  const problem =
    numberProblem('timeoutMs', numberAbove(0)) ??
    numberProblem('maxBatch', wholeNumber(1)) ??
    numberProblem('maxBatchDelayMs', wholeNumber(0)) ??
    numberProblem('maxMessageBytes', wholeNumber(SMALLEST_MESSAGE_BYTES)) ??
    (modelName === ''
      ? `${name('modelName')} is empty; set it to the model's name on the accelerator`
      : undefined);
  if (problem !== undefined) {
    throw new RangeError(problem);
  }
}

function isAddress(text: string): boolean {
  try {
    // An IPv6 address without brackets also contains colons, but no port.
    return formatAddress(parseAddress(text, 1)) === text.replace(/:0+(?=\d+$)/, ':');
  } catch {
    return false;
  }
}
