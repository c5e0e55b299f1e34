import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { unreadablePath } from '../validation/input-path';
import { nodeName, type Shape } from '../wire/tensor';
import { graphDefSignature, onnxSignature, type ModelSignature } from './model-signature';
import { ServiceDefinitionError } from './service-definition-content';

/** A model file and its input and output tensors. */
export interface ModelFileSource {
  /** Relative to the working directory. */
  readonly path: string;
  readonly inputTensor: string;
  readonly outputTensor?: string | undefined;
  /** In place of `outputTensor`: several outputs by the names that clients see. */
  readonly outputTensors?: Readonly<Record<string, string>> | undefined;
}

/** A validated model file. */
export interface ModelFile {
  /** Description of the model in `service_def.json`. */
  readonly fields: {
    model_path: string;
    input_tensor: string;
    output_tensor?: string | undefined;
    output_tensors?: Record<string, string> | undefined;
  };
  /** The model file and its companion files, by path in the zip. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Input and output shapes, as far as the file declares them. */
  readonly input: Shape | undefined;
  readonly output: Shape | undefined;
  /** Shapes of several outputs, by the names that clients see. Empty for one output. */
  readonly outputs: ReadonlyMap<string, Shape | undefined>;
}

const SHOWN_TENSORS = 8;

/**
 * Reads a stage's model file.
 * @throws ServiceDefinitionError if the file is missing, has another format or does not contain a tensor
 */
export function readModelFile(
  type: 'tensorflow' | 'keras' | 'onnx',
  stage: string,
  source: ModelFileSource,
): ModelFile {
  // One folder per stage, because two stages may have files with the same name.
  const folder = entrySegment(stage);
  const entry = `${folder}/${entrySegment(path.basename(source.path))}`;
  const content = readStageFile(stage, source.path);
  const fields = { model_path: entry, input_tensor: source.inputTensor, ...outputFields(stage, source) };
  if (type === 'keras' && source.path.endsWith('.json')) {
    const { readLayersModel } = require('./layers-model-file') as typeof import('./layers-model-file');
    const read = (name: string) => readStageFile(stage, path.join(path.dirname(source.path), name));
    const { weights, signature } = readLayersModel(stage, source.path, content, read);
    const files = new Map([
      [entry, content] as const,
      ...[...weights].map(([name, bytes]) => [`${folder}/${name}`, bytes] as const),
    ]);
    return { fields, files, ...tensorsOf(stage, source, signature, nodeName) };
  }
  const signature = readSignature(type, stage, source.path, content);
  const key = type === 'onnx' ? (tensor: string) => tensor : nodeName;
  return { fields, files: new Map([[entry, content]]), ...tensorsOf(stage, source, signature, key) };
}

function outputFields(
  stage: string,
  { outputTensor, outputTensors }: ModelFileSource,
): Pick<ModelFile['fields'], 'output_tensor' | 'output_tensors'> {
  const names = Object.keys(outputTensors ?? {});
  if ((outputTensor === undefined) === (names.length === 0)) {
    throw new ServiceDefinitionError(
      `stage "${stage}": got ${outputTensor === undefined ? 'neither outputTensor nor' : 'both outputTensor and'} ` +
        'outputTensors; set outputTensor, or outputTensors for several outputs',
    );
  }
  return outputTensor === undefined
    ? { output_tensors: { ...outputTensors } }
    : { output_tensor: outputTensor };
}

/** Looks the stage's tensors up. A file that does not declare its tensors is checked when the server loads it. */
function tensorsOf(
  stage: string,
  { path: file, inputTensor, outputTensor, outputTensors }: ModelFileSource,
  signature: ModelSignature | undefined,
  key: (tensor: string) => string,
): Pick<ModelFile, 'input' | 'output' | 'outputs'> {
  const shapeOf = (
    tensors: ModelSignature['inputs'] | undefined,
    tensor: string,
    what: string,
    candidates: Iterable<string> = tensors?.keys() ?? [],
  ) => {
    if (tensors && !tensors.has(key(tensor))) {
      throw new ServiceDefinitionError(
        `stage "${stage}": ${file} has no ${what} tensor "${tensor}"; it has ${listTensors([...candidates])}`,
      );
    }
    return tensors?.get(key(tensor));
  };
  const output = (tensor: string) => shapeOf(signature?.outputs, tensor, 'output', signature?.results);
  return {
    input: shapeOf(signature?.inputs, inputTensor, 'input'),
    output: outputTensor === undefined ? undefined : output(outputTensor),
    outputs: new Map(Object.entries(outputTensors ?? {}).map(([name, tensor]) => [name, output(tensor)])),
  };
}

function readSignature(
  type: 'tensorflow' | 'keras' | 'onnx',
  stage: string,
  file: string,
  content: Uint8Array,
): ModelSignature {
  const onnx = type === 'onnx';
  try {
    return onnx ? onnxSignature(content) : graphDefSignature(content);
  } catch (error) {
    const kind = onnx ? 'an ONNX model' : 'a frozen TensorFlow GraphDef';
    throw new ServiceDefinitionError(
      `stage "${stage}": ${file} is not ${kind} (${(error as Error).message}); export the model again`,
      { cause: error },
    );
  }
}

/** The last names, because a graph's outputs are at its end. */
function listTensors(names: readonly string[]): string {
  const rest = names.length - SHOWN_TENSORS;
  return names.slice(-SHOWN_TENSORS).join(', ') + (rest > 0 ? `, and ${rest} more` : '') || 'none';
}

/**
 * Converts a name to a path segment without characters that have a meaning in paths. If characters were replaced, a hash
 * keeps the result unique.
 */
export function entrySegment(name: string): string {
  const safe = name.replace(/^\.+|[^A-Za-z0-9._-]/g, '_');
  if (safe === name) {
    return name;
  }
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  const { name: base, ext } = path.posix.parse(safe);
  return `${base}-${hash}${ext}`;
}

function readStageFile(stage: string, file: string): Uint8Array {
  if (existsSync(path.join(file, 'saved_model.pb'))) {
    throw new ServiceDefinitionError(
      `stage "${stage}": the model file is ${file}, which is a SavedModel; declare the stage with Stage.savedModel`,
    );
  }
  const problem = unreadablePath('the model file', file, 'file');
  if (problem !== undefined) {
    throw new ServiceDefinitionError(`stage "${stage}": ${problem}`);
  }
  return readFileSync(file);
}
