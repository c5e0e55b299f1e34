import { stageOutputs, type StageOutput } from '../../../service-definition/brainwave-outputs';
import type { BrainwaveStageJson } from '../../../service-definition/service-definition-json';
import { formatShape, shapesFit, nodeName } from '../../../wire/tensor';
import { misfitRemedy, type StepInput } from '../step';
import type { ModelDescription, TensorDescription } from './accelerator-model';
import type { AcceleratorOptions } from './accelerator-options';

/** Input and outputs of the model that a stage uses. */
export interface ChosenTensors {
  readonly input: StepInput;
  /** In the order of the stage's outputs. */
  readonly outputs: readonly StepInput[];
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
  const input = choose('input', inputs, {
    option: 'inputTensor',
    configured: options.inputTensor,
    known: inputs.length > 1 ? [stage.software?.input_tensor] : [inputs.at(0)?.name],
  });
  if (input.shape.length > 0 && given.length > 0 && !shapesFit(input.shape.slice(1), given.slice(1))) {
    throw new UnfitModelError(
      `expects ${formatRow(input.shape)} at '${input.name}', but receives ${formatRow(given)}; ` +
        misfitRemedy(input.shape, given),
    );
  }
  return { input, outputs: stageOutputs(stage).map((output) => chooseOutput(outputs, output, options)) };
}

function chooseOutput(
  outputs: readonly TensorDescription[],
  { name, dims, property, softwareTensor }: StageOutput,
  options: AcceleratorOptions,
): TensorDescription {
  const output =
    name === undefined
      ? choose('output', outputs, {
          option: 'outputTensor',
          configured: options.outputTensor,
          known: outputs.length > 1 ? [softwareTensor] : [outputs.at(0)?.name],
        })
      : choose('output', outputs, {
          option: `outputTensors["${name}"]`,
          configured: options.outputTensors?.[name],
          known: [name, softwareTensor],
        });
  if (output.shape.length > 0 && !featuresFit(dims, output.shape)) {
    throw new UnfitModelError(
      `returns ${formatRow(output.shape)} at '${output.name}', but ${property} is ${formatRow(dims)}; ` +
        'correct the one that is wrong',
    );
  }
  return output;
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

/** How a tensor is found among those of the accelerator's model. */
interface Choice {
  /** Option of the accelerator that names it. */
  readonly option: string;
  /** Value of the option. */
  readonly configured: string | undefined;
  /** Names to look for if the option is not set, the best first. */
  readonly known: readonly (string | undefined)[];
}

function choose(
  kind: 'input' | 'output',
  tensors: readonly TensorDescription[],
  { option, configured, known }: Choice,
): TensorDescription {
  const wanted =
    configured === undefined
      ? known.filter((name) => name !== undefined).flatMap((name) => [name, nodeName(name)])
      : [configured];
  const found = wanted.flatMap((name) => tensors.find((tensor) => tensor.name === name) ?? []).at(0);
  if (found === undefined) {
    const has = tensors.map(({ name }) => name).join(', ') || 'none';
    throw new UnfitModelError(
      configured === undefined
        ? `has the ${kind}s ${has}; set ${option} of the accelerator to one of them`
        : `has the ${kind}s ${has}, not '${configured}'; correct ${option} of the accelerator`,
    );
  }
  if (!found.isFloat32) {
    throw new UnfitModelError(
      `has the ${kind} '${found.name}' of type ${found.type}, expected 32-bit floats; export the model with 32-bit floats`,
    );
  }
  return found;
}
