import type { CallOptions } from '../../../client/service-caller';
import type { FloatTensor } from '../../../wire/tensor';

/** What an accelerator says of one of a model's tensors. */
export interface TensorDescription {
  readonly name: string;
  /** The type by its name in the protocol. */
  readonly type: string;
  readonly isFloat32: boolean;
  /** Sizes with the batch first, -1 where unknown; empty when it does not say how many there are. */
  readonly shape: readonly number[];
}

/** The tensors that a model has. */
export interface ModelDescription {
  readonly inputs: readonly TensorDescription[];
  readonly outputs: readonly TensorDescription[];
}

/** Which tensors a request carries and asks for. */
export interface TensorNames {
  readonly input: string;
  readonly output: string;
}

/**
 * One model on an accelerator, in the accelerator's protocol. Every method throws a `PredictionError` for a
 * call that fails, and `TensorFormatError` for an answer that cannot be read.
 */
export interface AcceleratorModel {
  /** Whether the model is loaded and answers. */
  isReady(options: CallOptions): Promise<boolean>;
  describe(options: CallOptions): Promise<ModelDescription>;
  infer(tensor: FloatTensor, names: TensorNames, options: CallOptions): Promise<FloatTensor>;
}
