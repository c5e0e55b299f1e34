import type { BrainwaveStageJson } from '../../../service-definition/service-definition-json';
import { formatShape, shapesFit, nodeName } from '../../../wire/tensor';
import { misfitRemedy, type StepInput } from '../step';
import type { ModelDescription, TensorDescription } from './accelerator-model';
import type { AcceleratorOptions } from './accelerator-options';

/** The input and the output of a model that a stage uses. */
export interface ChosenTensors {
  readonly input: StepInput;
  readonly output: StepInput;
}

/** The accelerator's model is not the one that the stage is made for. */
export class UnfitModelError extends Error {}

/**
 * Finds the tensors that a stage uses among those that the accelerator's model has, and checks that they fit.
 * @param given shape of what the stage is given; empty where unknown
 * @throws UnfitModelError
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
      `takes ${formatRow(input.shape)} at '${input.name}', and is given ${formatRow(given)}; ` +
        misfitRemedy(input.shape, given),
    );
  }
  if (output.shape.length > 0 && !featuresFit(stage.output_tensor_dims, output.shape)) {
    throw new UnfitModelError(
      `gives ${formatRow(output.shape)} at '${output.name}', and output_tensor_dims says ` +
        `${formatRow(stage.output_tensor_dims)}; correct the one that is wrong`,
    );
  }
  return { input, output };
}

/**
 * Whether features have the promised sizes. Sizes of 1 count for nothing: `[n, 2048]` is as good as
 * `[n, 1, 1, 2048]`.
 */
export function featuresFit(promised: readonly number[], actual: readonly number[]): boolean {
  const sizes = (shape: readonly number[]) => shape.slice(1).filter((size) => size !== 1);
  return shapesFit(sizes(promised), sizes(actual));
}

/** A shape with `n` for its batch. */
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
        ? `has the ${kind}s ${has}; say which one to use as ${kind}Tensor of the accelerator`
        : `has the ${kind}s ${has}, not '${configured}'; correct ${kind}Tensor of the accelerator`,
    );
  }
  if (!found.isFloat32) {
    throw new UnfitModelError(
      `has the ${kind} '${found.name}' of type ${found.type}, expected 32-bit floats; export it with those`,
    );
  }
  return found;
}
