import { BrainwaveError } from '../errors/brainwave-error';
import { stageOutputs } from '../service-definition/brainwave-outputs';
import { graphDefSignature, onnxSignature } from '../service-definition/model-signature';
import type { ServiceDefinitionContent } from '../service-definition/service-definition-content';
import type { BrainwaveStageJson } from '../service-definition/service-definition-json';
import { wireVersion } from '../wire/model-version';
import { nodeName, type Shape } from '../wire/tensor';
import { tritonModelConfiguration, type TritonTensor } from './model-configuration';

/** A `brainwave` stage cannot be converted to a Triton model. */
export class TritonRepositoryError extends BrainwaveError {
  readonly code = 'TRITON_REPOSITORY_INVALID';
}

/**
 * Creates Triton's model repository for a service definition: one model per `brainwave` stage, with the stage's
 * `model_ref` as its name and the number of its `model_version` (see `wireVersion`), that runs the stage's `software`.
 *
 * @returns the files by path relative to the repository's folder
 * @throws TritonRepositoryError if Triton cannot run a stage
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_repository.html
 */
export function tritonRepository(content: ServiceDefinitionContent): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const stage of content.definition.pipeline) {
    if (stage.type === 'brainwave') {
      addModel(files, stage, content.files);
    }
  }
  return files;
}

function addModel(
  files: Map<string, Uint8Array>,
  stage: BrainwaveStageJson,
  entries: ReadonlyMap<string, Uint8Array>,
): void {
  const fail = (problem: string): never => {
    throw new TritonRepositoryError(`stage "${stage.name}": ${problem}`);
  };
  const { software, model_ref: name, model_version: version } = stage;
  if (!software) {
    return fail('it has no software for Triton to run; set software to an ONNX file or a frozen GraphDef');
  }
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name)) {
    return fail(`model_ref is "${name}"; Triton accepts letters, digits, ".", "_" and "-" in model names`);
  }
  const versionNumber = wireVersion(version);
  if (versionNumber < 1) {
    return fail(`model_version is "${version}"; Triton accepts whole numbers of at least 1`);
  }
  const configuration = `${name}/config.pbtxt`;
  if (files.has(configuration)) {
    return fail(`another stage also runs "${name}"; change the model_ref of one of them`);
  }
  const file = entries.get(software.model_path);
  if (!file) {
    return fail(`its software ${software.model_path} is not in the service definition`);
  }
  const onnx = software.type === 'onnx';
  const tensors = onnx ? onnxTensors(stage, software, file) : graphTensors(stage, software, file);
  const [input, ...outputs] = [tensors.input, ...tensors.outputs].map((tensor) =>
    tensor.shape === undefined || tensor.shape.length === 0
      ? fail(
          `${software.model_path} does not declare the shape of "${tensor.name}", which Triton requires; ` +
            'export the model again with shapes',
        )
      : { name: tensor.name, shape: tensor.shape },
  ) as [TritonTensor, ...TritonTensor[]];
  const platform = onnx ? 'onnxruntime_onnx' : 'tensorflow_graphdef';
  files.set(configuration, Buffer.from(tritonModelConfiguration({ name, platform, input, outputs })));
  files.set(`${name}/${versionNumber}/${onnx ? 'model.onnx' : 'model.graphdef'}`, file);
}

type Software = NonNullable<BrainwaveStageJson['software']>;

interface Tensor {
  readonly name: string;
  readonly shape: Shape | undefined;
}

interface Tensors {
  readonly input: Tensor;
  readonly outputs: readonly Tensor[];
}

function onnxTensors(stage: BrainwaveStageJson, software: Software, file: Uint8Array): Tensors {
  const { inputs, outputs } = onnxSignature(file);
  return {
    input: { name: software.input_tensor, shape: inputs.get(software.input_tensor) },
    outputs: stageOutputs(stage).map(({ softwareTensor: name = '' }) => ({ name, shape: outputs.get(name) })),
  };
}

/** A GraphDef does not declare the shapes of its outputs, so those that the stage declares are used. */
function graphTensors(stage: BrainwaveStageJson, software: Software, file: Uint8Array): Tensors {
  const input = nodeName(software.input_tensor);
  const shape = graphDefSignature(file).inputs.get(input);
  return {
    input: { name: input, shape },
    outputs: stageOutputs(stage).map(({ softwareTensor = '', dims }) => ({
      name: nodeName(softwareTensor),
      shape: [shape?.[0] ?? -1, ...dims.slice(1)],
    })),
  };
}
