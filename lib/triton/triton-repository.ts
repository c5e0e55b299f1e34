import { BrainwaveError } from '../errors/brainwave-error';
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
  const tensors = onnx ? onnxTensors(software, file) : graphTensors(stage, software, file);
  const [input, output] = [tensors.input, tensors.output].map((tensor) =>
    tensor.shape === undefined || tensor.shape.length === 0
      ? fail(
          `${software.model_path} does not declare the shape of "${tensor.name}", which Triton requires; ` +
            'export the model again with shapes',
        )
      : { name: tensor.name, shape: tensor.shape },
  ) as [TritonTensor, TritonTensor];
  const platform = onnx ? 'onnxruntime_onnx' : 'tensorflow_graphdef';
  files.set(configuration, Buffer.from(tritonModelConfiguration({ name, platform, input, output })));
  files.set(`${name}/${versionNumber}/${onnx ? 'model.onnx' : 'model.graphdef'}`, file);
}

type Software = NonNullable<BrainwaveStageJson['software']>;

interface Tensors {
  readonly input: { readonly name: string; readonly shape: Shape | undefined };
  readonly output: { readonly name: string; readonly shape: Shape | undefined };
}

function onnxTensors(software: Software, file: Uint8Array): Tensors {
  const { inputs, outputs } = onnxSignature(file);
  const { input_tensor: input, output_tensor: output } = software;
  return {
    input: { name: input, shape: inputs.get(input) },
    output: { name: output, shape: outputs.get(output) },
  };
}

/** A GraphDef does not declare the shapes of its outputs, so the stage's declared shape is used. */
function graphTensors(stage: BrainwaveStageJson, software: Software, file: Uint8Array): Tensors {
  const input = nodeName(software.input_tensor);
  const shape = graphDefSignature(file).inputs.get(input);
  return {
    input: { name: input, shape },
    output: {
      name: nodeName(software.output_tensor),
      shape: [shape?.[0] ?? -1, ...stage.output_tensor_dims.slice(1)],
    },
  };
}
