import type { CallOptions, InternalCallOptions } from '../../../client/service-caller';
import type { FloatTensor } from '../../../wire/tensor';

/** Metadata of a model's tensor, as reported by the accelerator. */
export interface TensorDescription {
  readonly name: string;
  /** Element type, by its name in the protocol. */
  readonly type: string;
  readonly isFloat32: boolean;
  /** Dimensions with the batch first, -1 if unknown; empty if the rank is unknown. */
  readonly shape: readonly number[];
}

/** Inputs and outputs of a model. */
export interface ModelDescription {
  readonly inputs: readonly TensorDescription[];
  readonly outputs: readonly TensorDescription[];
}

/** Names of the input and the outputs of a request. */
export interface TensorNames {
  readonly input: string;
  readonly outputs: readonly string[];
}

/**
 * A model on an accelerator, called in the accelerator's protocol. Every method throws a `PredictionError` if the call
 * fails and a `TensorFormatError` if the response is invalid.
 */
export interface AcceleratorModel {
  /** Returns whether the model is loaded and ready. */
  isReady(options: CallOptions): Promise<boolean>;
  describe(options: CallOptions): Promise<ModelDescription>;
  /** Returns the outputs in the order of their names. */
  infer(
    tensor: FloatTensor,
    names: TensorNames,
    options: InternalCallOptions,
  ): Promise<readonly FloatTensor[]>;
}
