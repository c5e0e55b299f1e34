import { wholeNumber } from '../validation/number-range';
import { formatShape, shapesFit, type Shape } from '../wire/tensor';
import { readModelFile, type ModelFile } from './model-file';
import { ServiceDefinitionError } from './service-definition-content';
import type { BrainwaveStageJson } from './service-definition-json';
import type { BrainwaveStageProps, SoftwareModel } from './stage';

/** Output shapes that a `brainwave` stage declares, regardless of what computes them. */
export type BrainwaveOutputs = Pick<BrainwaveStageJson, 'output_tensor_dims' | 'output_tensors_dims'>;

/** An output that a stage declares. */
export interface StageOutput {
  /** Name that clients see, if there are several. */
  readonly name: string | undefined;
  readonly dims: Shape;
  /** Property of the stage that declares the shape. */
  readonly property: string;
  /** Tensor of the stage's `software`, if it has one. */
  readonly softwareTensor: string | undefined;
}

/** Returns the outputs of a stage in `service_def.json`. */
export function stageOutputs({
  output_tensor_dims: dims = [],
  output_tensors_dims: several,
  software,
}: BrainwaveStageJson): readonly StageOutput[] {
  return several === undefined
    ? [{ name: undefined, dims, property: 'outputTensorDims', softwareTensor: software?.output_tensor }]
    : Object.entries(several).map(([name, sizes]) => ({
        name,
        dims: sizes,
        property: `outputTensorsDims["${name}"]`,
        softwareTensor: software?.output_tensors?.[name],
      }));
}

/**
 * Returns the outputs of a stage: those of its properties, otherwise those of its model.
 * @throws ServiceDefinitionError if both or neither are declared, or a shape is not that of one image
 */
export function brainwaveOutputs(stage: string, props: BrainwaveStageProps): BrainwaveOutputs {
  const declared = [props, props.model.shape].find(
    ({ outputTensorDims, outputTensorsDims }) => outputTensorDims ?? outputTensorsDims,
  );
  const { outputTensorDims: one, outputTensorsDims: several } = declared ?? {};
  if ((one === undefined) === (Object.keys(several ?? {}).length === 0)) {
    throw new ServiceDefinitionError(
      `stage "${stage}": got ${one === undefined ? 'neither outputTensorDims nor' : 'both outputTensorDims and'} ` +
        'outputTensorsDims; set outputTensorDims, or outputTensorsDims for several outputs',
    );
  }
  if (one !== undefined) {
    return { output_tensor_dims: checkDims(stage, 'outputTensorDims', one) };
  }
  return {
    output_tensors_dims: Object.fromEntries(
      Object.entries(several ?? {}).map(([name, dims]) => [
        name,
        checkDims(stage, `outputTensorsDims["${name}"]`, dims),
      ]),
    ),
  };
}

/**
 * Reads the model file that computes a stage's outputs on the CPU.
 * @throws ServiceDefinitionError if the file is invalid, or computes other outputs than the stage declares
 */
export function readSoftware(
  stage: string,
  { type, props }: SoftwareModel,
  { output_tensor_dims: one, output_tensors_dims: several }: BrainwaveOutputs,
): ModelFile & { readonly type: SoftwareModel['type'] } {
  const fail = (problem: string): never => {
    throw new ServiceDefinitionError(`stage "${stage}": ${problem}`);
  };
  if (several === undefined) {
    if (props.outputTensors !== undefined) {
      return fail(
        'its software has outputTensors, but the stage has one output; set outputTensor, or outputTensorsDims of the stage',
      );
    }
  } else if (props.outputTensor !== undefined) {
    return fail(
      'its software has outputTensor, but the stage has several outputs; set outputTensors instead',
    );
  }
  const names = Object.keys(several ?? {});
  const tensors = several && (props.outputTensors ?? Object.fromEntries(names.map((name) => [name, name])));
  const wrong = [...new Set([...names, ...Object.keys(tensors ?? {})])].find(
    (name) => !names.includes(name) || !Object.hasOwn(tensors ?? {}, name),
  );
  if (wrong !== undefined) {
    return fail(
      `output "${wrong}" is only in ${names.includes(wrong) ? 'outputTensorsDims' : 'outputTensors of its software'}; ` +
        'name the same outputs in both',
    );
  }
  const file = readModelFile(type, stage, { ...props, outputTensors: tensors });
  const check = (returned: Shape | undefined, tensor: string, option: string, dims: Shape) => {
    if (returned && !shapesFit(returned, [-1, ...dims.slice(1)])) {
      fail(
        `its software returns ${tensor} of shape ${formatShape(returned)}, but ${option} is [${dims.join(', ')}]; ` +
          'use a model that computes the same features',
      );
    }
  };
  if (one !== undefined) {
    check(file.output, props.outputTensor ?? '', 'outputTensorDims', one);
  }
  for (const [name, dims] of Object.entries(several ?? {})) {
    check(file.outputs.get(name), tensors?.[name] ?? '', `outputTensorsDims["${name}"]`, dims);
  }
  return { type, ...file };
}

function checkDims(stage: string, option: string, dims: readonly number[]): number[] {
  if (dims.length < 2 || dims[0] !== 1 || !dims.every(wholeNumber(1).accepts)) {
    throw new ServiceDefinitionError(
      `stage "${stage}": ${option} is [${dims.join(', ')}]; ` +
        'expected the shape of the features of one image, with the batch size 1 first, such as [1, 1, 1, 2048]',
    );
  }
  return [...dims];
}
