import path from 'node:path';

import { formatShape, isPlanar, nodeName, shapesFit, type Shape } from '../wire/tensor';
import { graphDefSignature, onnxSignature, type ModelSignature } from './model-signature';
import {
  hasSeveralOutputs,
  imageShape,
  ServiceDefinitionError,
  type ServiceDefinitionContent,
} from './service-definition-content';
import type { StageJson } from './service-definition-json';

/** A stage of a pipeline, and its shapes as far as they are known. */
export interface PipelineStage {
  readonly name: string;
  readonly definition: StageJson;
  readonly input: Shape | undefined;
  readonly output: Shape | undefined;
}

/** Returns the stages of a service definition with the shapes that their files declare. */
export function stagesOf({ definition, files }: ServiceDefinitionContent): readonly PipelineStage[] {
  return definition.pipeline.map((stage) => ({
    name: stage.name,
    definition: stage,
    ...shapesOf(stage, files),
  }));
}

/**
 * Checks that the stages of a pipeline fit each other.
 * @throws ServiceDefinitionError naming the stages that do not
 */
export function checkPipeline(stages: readonly PipelineStage[]): void {
  if (stages.length === 0) {
    throw new ServiceDefinitionError('the service definition has no stages; add at least one');
  }
  const names = new Set<string>();
  stages.forEach((stage, index) => {
    if (names.has(stage.name)) {
      throw new ServiceDefinitionError(
        `two stages have the name "${stage.name}"; set a unique name for each stage`,
      );
    }
    names.add(stage.name);
    const before = index > 0 ? stages[index - 1] : undefined;
    if (before && stage.definition.type === 'image') {
      throw new ServiceDefinitionError(
        `stage "${stage.name}" decodes images but comes after "${before.name}"; move the image stage to the start`,
      );
    }
    if (before && hasSeveralOutputs(before.definition)) {
      throw new ServiceDefinitionError(
        `stage "${before.name}" has several outputs but comes before "${stage.name}"; ` +
          (before.definition.type === 'brainwave'
            ? 'move it to the end, or set outputTensorDims to the shape of the output that the next stage uses'
            : 'set outputTensor to the output that the next stage uses'),
      );
    }
    if (before?.output && stage.input && !shapesFit(before.output, stage.input)) {
      throw new ServiceDefinitionError(
        `stage "${stage.name}" expects a tensor of shape ${formatShape(stage.input)}, ` +
          `but stage "${before.name}" returns ${formatShape(before.output)}; ` +
          (before.definition.type === 'image' && isPlanar(stage.input, before.output)
            ? `set layout of "${before.name}" to ImageLayout.NCHW`
            : 'select other tensors or change the previous stage'),
      );
    }
  });
}

type Shapes = Pick<PipelineStage, 'input' | 'output'>;

function shapesOf(stage: StageJson, files: ServiceDefinitionContent['files']): Shapes {
  switch (stage.type) {
    case 'image':
      return { input: undefined, output: imageShape(stage) };
    case 'softmax':
      return { input: undefined, output: undefined };
    case 'brainwave': {
      const { output_tensor_dims: dims, software } = stage;
      return {
        input: software && fileShapes(software, files).input,
        output: dims && [-1, ...dims.slice(1)],
      };
    }
    default:
      return fileShapes(stage, files);
  }
}

type FileStage = Exclude<StageJson, { type: 'image' | 'softmax' | 'brainwave' }>;

/** Shapes that a model file declares. A file that cannot be read is left to the server, which loads it. */
function fileShapes(
  stage: Pick<FileStage, 'type' | 'model_path' | 'input_tensor' | 'output_tensor'>,
  files: ServiceDefinitionContent['files'],
): Shapes {
  const { type, model_path: file, input_tensor: input, output_tensor: output } = stage;
  const key = type === 'onnx' ? (tensor: string) => tensor : nodeName;
  let signature: ModelSignature | undefined;
  try {
    signature = signatureOf(type, file, files);
  } catch {
    signature = undefined;
  }
  return {
    input: signature?.inputs.get(key(input)),
    output: output === undefined ? undefined : signature?.outputs.get(key(output)),
  };
}

function signatureOf(
  type: FileStage['type'],
  file: string,
  files: ServiceDefinitionContent['files'],
): ModelSignature | undefined {
  const content = files.get(file) ?? new Uint8Array();
  if (type === 'onnx') {
    return onnxSignature(content);
  }
  if (type === 'keras' && file.endsWith('.json')) {
    const { readLayersModel } = require('./layers-model-file') as typeof import('./layers-model-file');
    const read = (name: string) =>
      files.get(path.posix.join(path.posix.dirname(file), name)) ?? new Uint8Array();
    return readLayersModel('', file, content, read).signature;
  }
  return graphDefSignature(content);
}
