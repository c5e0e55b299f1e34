import * as z from 'zod';

import { readCheckpoint } from '../../tensorflow/checkpoint';
import { FileProblem } from '../../tensorflow/file-problem';
import { freezeGraph } from '../../tensorflow/freeze-graph';
import { decodeGraphDef } from '../../tensorflow/graph-def/decode-graph-def';
import { GraphProblem } from '../../tensorflow/graph-def/graph-node';
import { zipFolder } from '../../tensorflow/model-folder';
import { printable } from '../../report/terminal-text';
import type { GraphDef__Output } from '../../wire/proto/types/tensorflow/GraphDef';
import { ServiceDefinitionError, type ServiceDefinitionContent } from '../service-definition-content';
import type { BrainwaveStageJson, ImageStageJson, StageJson } from '../service-definition-json';
import { AML_RUNTIME_VERSION } from '../zip-writer';
import { recognizePreprocessArray, takesStrings } from './preprocess-array';

const dims = z.array(z.number().int().nullable()).nullish();

const modelStage = z.looseObject({
  type: z.enum(['tensorflow', 'keras']),
  name: z.string().nullish(),
  model_path: z.string().min(1),
  input_tensor: z.string().min(1),
  output_tensor: z.string().min(1),
  input_tensor_dims: dims,
  output_tensor_dims: dims,
});

const brainwaveProperties = z.looseObject({
  model_ref: z.string().min(1).optional(),
  model_version: z.string().min(1).optional(),
});

const brainwaveStage = z.looseObject({
  type: z.literal('brainwave'),
  name: z.string().nullish(),
  model_path: z.string().min(1).nullish(),
  model_ref: z.string().min(1).optional(),
  model_version: z.string().min(1).optional(),
  properties: brainwaveProperties.nullish(),
  input_tensor_dims: dims,
  output_tensor_dims: z.array(z.number().int().nullable()).min(1),
});

const sdkDefinition = z.looseObject({
  pipeline: z
    .array(z.discriminatedUnion('type', [modelStage, brainwaveStage]))
    .min(1)
    .max(32),
});

type ModelStage = z.infer<typeof modelStage>;
type BrainwaveStage = z.infer<typeof brainwaveStage>;

/**
 * Input and output tensors of the SDKs' models, by `model_ref`. A definition does not contain their names.
 */
const TENSORS: Readonly<Record<string, { input: string; outputs: readonly string[] }>> = {
  resnet50: { input: 'InputImage:0', outputs: ['resnet_v1_50/pool5:0'] },
  resnet152: { input: 'InputImage:0', outputs: ['resnet_v1_152/pool5:0'] },
  densenet121: { input: 'InputImage:0', outputs: ['brainwave_densenet121_1_Version_0.1_output_1:0'] },
  vgg16: { input: 'InputImage:0', outputs: ['vgg_16/fc7/Relu:0'] },
};
/** Name of the output in `azureml-accel-models`. */
const ACCEL_OUTPUT = 'brainwave_target_node_1_Version_0.1:0';

const KNOWN_FIELDS = new Set(['environment', 'aml_runtime_version', 'pipeline']);

/**
 * Converts a service definition of the Azure ML SDKs of 2018 and 2019 to the format of this version: the graph that decodes
 * images becomes an image stage, and a checkpoint of a Brainwave stage becomes its `software`.
 * @param json parsed definition
 * @param entry name of its file, for messages
 * @throws ServiceDefinitionError if the definition is invalid or cannot be converted
 */
export function convertSdkDefinition(
  json: unknown,
  entry: string,
  entries: ReadonlyMap<string, Uint8Array>,
): ServiceDefinitionContent {
  const parsed = sdkDefinition.safeParse(json);
  if (!parsed.success) {
    const problems = parsed.error.issues.slice(0, 5).map((issue) => describe(issue));
    throw new ServiceDefinitionError(
      `${entry} is not a service definition of the Azure ML SDK: ${problems.join('; ')}; save it again with the SDK`,
      { cause: parsed.error },
    );
  }
  warnOfUnknownFields(entry, parsed.data);
  const conversion = new Conversion(entries);
  const pipeline = parsed.data.pipeline.map((stage, index, all) =>
    conversion.convert(stage, index, index === all.length - 1),
  );
  const { parseServiceDefinition } =
    require('../parse-service-definition') as typeof import('../parse-service-definition');
  return {
    definition: parseServiceDefinition({ aml_runtime_version: AML_RUNTIME_VERSION, pipeline }),
    files: conversion.files,
  };
}

class Conversion {
  readonly files = new Map<string, Uint8Array>();
  private readonly names = new Set<string>();

  constructor(private readonly entries: ReadonlyMap<string, Uint8Array>) {}

  convert(stage: ModelStage | BrainwaveStage, index: number, isLast: boolean): StageJson {
    const number = index + 1;
    const fallback =
      stage.type === 'brainwave' ? modelRefOf(stage, number) : isLast ? 'classifier' : `stage-${number}`;
    const given = stage.name == null || stage.name === '' ? undefined : stage.name;
    if (stage.type === 'brainwave') {
      return this.brainwave(stage, number, this.nameOf(given ?? fallback));
    }
    const where = `stage ${number} (${stage.type}, ${stage.model_path})`;
    const content = this.entries.get(stage.model_path);
    if (content === undefined) {
      throw new ServiceDefinitionError(
        `${where}: the zip does not contain its model_path ${stage.model_path}; save the definition again`,
      );
    }
    const graph = refusing(where, () => decodeGraphDef(content));
    if (takesStrings(graph, stage.input_tensor)) {
      if (index > 0) {
        throw new ServiceDefinitionError(
          `${where}: decodes images, but is not the first stage; move it to the start`,
        );
      }
      return this.image(graph, stage, where, this.nameOf(given ?? 'image'));
    }
    const name = this.nameOf(given ?? fallback);
    const path = this.add(name, content);
    return {
      type: 'tensorflow',
      name,
      model_path: path,
      input_tensor: stage.input_tensor,
      output_tensor: stage.output_tensor,
    };
  }

  private image(graph: GraphDef__Output, stage: ModelStage, where: string, name: string): ImageStageJson {
    const { mean, order, preserveAspectRatio, ...constants } = refusing(where, () =>
      recognizePreprocessArray(graph, stage.output_tensor),
    );
    return {
      type: 'image',
      name,
      ...constants,
      channels: 3,
      method: 'bilinear-tf1',
      mean: [...mean],
      ...(!preserveAspectRatio && { preserve_aspect_ratio: false }),
      ...(order === 'BGR' && { order }),
    };
  }

  private brainwave(stage: BrainwaveStage, number: number, name: string): BrainwaveStageJson {
    const modelRef = modelRefOf(stage, number);
    const sizes = stage.output_tensor_dims.map((size) => size ?? 1);
    return {
      type: 'brainwave',
      name,
      model_ref: modelRef,
      model_version: stage.properties?.model_version ?? stage.model_version ?? '1',
      // The SDK of 2018 omits the batch: [1, 1, 2048].
      output_tensor_dims: sizes.length === 3 ? [1, ...sizes] : sizes,
      ...(stage.model_path != null && { software: this.software(stage.model_path, modelRef, number, name) }),
    };
  }

  private software(
    folder: string,
    modelRef: string,
    number: number,
    name: string,
  ): NonNullable<BrainwaveStageJson['software']> {
    const where = `stage ${number} (brainwave, ${folder})`;
    if (!Object.hasOwn(TENSORS, modelRef)) {
      throw new ServiceDefinitionError(
        `${where}: the tensors of model_ref "${modelRef}" are unknown; expected one of ` +
          `${Object.keys(TENSORS).join(', ')}; convert its checkpoint to ONNX and set it as software`,
      );
    }
    const tensors = TENSORS[modelRef];
    return refusing(where, () => {
      const { graph, variables } = readCheckpoint(zipFolder(this.entries, folder, (content) => content));
      const nodes = new Set(graph.node.map((node) => node.name));
      const output = [...tensors.outputs, ACCEL_OUTPUT].find((tensor) =>
        nodes.has(tensor.replace(/:0$/, '')),
      );
      if (output === undefined || !nodes.has(tensors.input.replace(/:0$/, ''))) {
        throw new GraphProblem(
          `has no ${tensors.input} or ${tensors.outputs.join(', ')}, which "${modelRef}" has; ` +
            'save the checkpoint with the graph that the SDK provides',
        );
      }
      const frozen = freezeGraph(graph, variables, tensors.input, [output]);
      return {
        type: 'tensorflow' as const,
        model_path: this.add(name, frozen.bytes),
        input_tensor: tensors.input,
        output_tensor: output,
      };
    });
  }

  private add(name: string, content: Uint8Array): string {
    const path = `${name.replace(/[^A-Za-z0-9_-]/g, '_')}-${this.files.size + 1}/model.pb`;
    this.files.set(path, content);
    return path;
  }

  private nameOf(wanted: string): string {
    let name = wanted;
    for (let suffix = 2; this.names.has(name); suffix += 1) {
      name = `${wanted}-${suffix}`;
    }
    this.names.add(name);
    return name;
  }
}

function modelRefOf(stage: BrainwaveStage, number: number): string {
  const modelRef = stage.properties?.model_ref ?? stage.model_ref;
  if (modelRef === undefined) {
    throw new ServiceDefinitionError(
      `stage ${number} (brainwave): properties.model_ref is missing; expected the model's name, such as resnet50`,
    );
  }
  return modelRef;
}

/** Adds the stage to the errors of the readers of its files. */
function refusing<Result>(where: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof FileProblem || error instanceof GraphProblem) {
      throw new ServiceDefinitionError(
        error instanceof FileProblem ? `${where}: ${error.message}` : `${where} ${error.message}`,
        { cause: error },
      );
    }
    throw error;
  }
}

function describe({ path, message }: z.core.$ZodIssue): string {
  const [first, index, ...field] = path;
  const isStage = first === 'pipeline' && typeof index === 'number';
  const where = isStage
    ? [`stage ${index + 1}`, ...(field.length > 0 ? [field.join('.')] : [])]
    : [path.join('.')];
  return [...where, message.charAt(0).toLowerCase() + message.slice(1)]
    .filter((part) => part !== '')
    .join(': ');
}

function warnOfUnknownFields(entry: string, definition: z.infer<typeof sdkDefinition>): void {
  const unknown = Object.keys(definition).filter((field) => !KNOWN_FIELDS.has(field));
  definition.pipeline.forEach((stage, index) => {
    const fields =
      stage.type === 'brainwave'
        ? [
            ...unknownFields(stage, brainwaveStage.shape),
            ...unknownFields(stage.properties ?? {}, brainwaveProperties.shape).map(
              (field) => `properties.${field}`,
            ),
          ]
        : unknownFields(stage, modelStage.shape);
    unknown.push(...fields.map((field) => `${field} of stage ${index + 1}`));
  });
  if (unknown.length > 0) {
    const shown = unknown.slice(0, 20).map((field) => printable(field.slice(0, 100)));
    process.emitWarning(`${entry}: ignored unknown fields: ${shown.join(', ')}`, 'ServiceDefinitionWarning');
  }
}

function unknownFields(value: object, known: object): readonly string[] {
  return Object.keys(value).filter((field) => !Object.hasOwn(known, field));
}
