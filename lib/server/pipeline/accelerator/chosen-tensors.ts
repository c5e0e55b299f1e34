import type { BrainwaveStageJson } from '../../../service-definition/service-definition-json';
import { formatShape, shapesFit, nodeName } from '../../../wire/tensor';
import { misfitRemedy, type StepInput } from '../step';
import type { ModelDescription, TensorDescription } from './accelerator-model';
import type { AcceleratorOptions } from './accelerator-options';

/** Input and output of the model that a stage uses. */
export interface ChosenTensors {
  readonly input: StepInput;
  readonly output: StepInput;
}

/** The accelerator's model does not fit the stage. */
export class UnfitModelError extends Error {}

/**
 * Selects the tensors that a stage uses from those of the accelerator's model and checks that they fit.
 * @param given shape of the stage's input; empty if unknown
 * @throws UnfitModelError if a tensor is missing, is ambiguous or does not fit
 */
export function chooseTensors(
  { inputs, outputs }: ModelDescription,
  stage: BrainwaveStageJson,
  options: AcceleratorOptions,
  given: readonly number[],
): ChosenTensors {
  const input = choose('input', inputs, options.inputTensor, stage.software?.input_tensor);
  const output = choose('output', outputs, options.outputTensor, stage.software?.output_tensor);
  if (input.shape.length > 0 && given.length > 0 && !shapesFit(input.shape.slice(1), given.slice(1))) {
    throw new UnfitModelError(
      `expects ${formatRow(input.shape)} at '${input.name}', but receives ${formatRow(given)}; ` +
        misfitRemedy(input.shape, given),
    );
  }
  if (output.shape.length > 0 && !featuresFit(stage.output_tensor_dims, output.shape)) {
    throw new UnfitModelError(
      `returns ${formatRow(output.shape)} at '${output.name}', but output_tensor_dims is ` +
        `${formatRow(stage.output_tensor_dims)}; correct the one that is wrong`,
    );
  }
  return { input, output };
}

/**
 * Returns whether features have the declared shape. Dimensions of 1 are ignored: `[n, 2048]` equals `[n, 1, 1, 2048]`.
 */
export function featuresFit(promised: readonly number[], actual: readonly number[]): boolean {
  const sizes = (shape: readonly number[]) => shape.slice(1).filter((size) => size !== 1);
  return shapesFit(sizes(promised), sizes(actual));
}

/** Formats a shape with `n` for the batch. */
export function formatRow(shape: readonly number[]): string {
  return formatShape([-1, ...shape.slice(1)]);
}

function choose(
  kind: 'input' | 'output',
  tensors: readonly TensorDescription[],
  configured: string | undefined,
  software: string | undefined,
): TensorDescription {
  const wanted = configured ?? (tensors.length > 1 ? software : tensors.at(0)?.name);
  const found =
    tensors.find(({ name }) => name === wanted) ??
    tensors.find(({ name }) => configured === undefined && wanted !== undefined && name === nodeName(wanted));
  if (found === undefined) {
    const has = tensors.map(({ name }) => name).join(', ') || 'none';
    throw new UnfitModelError(
      configured === undefined
        ? `has the ${kind}s ${has}; set ${kind}Tensor of the accelerator to one of them`
        : `has the ${kind}s ${has}, not '${configured}'; correct ${kind}Tensor of the accelerator`,
    );
  }
  if (!found.isFloat32) {
    throw new UnfitModelError(
      `has the ${kind} '${found.name}' of type ${found.type}, expected 32-bit floats; export the model with 32-bit floats`,
    );
  }
  return found;
}
