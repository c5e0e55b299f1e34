import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { nodeName, type Shape } from '../wire/tensor';
import { graphDefSignature, onnxSignature, type ModelSignature } from './model-signature';
import { ServiceDefinitionError } from './service-definition-content';

/** A file to run and the tensors to run it by. */
export interface ModelFileSource {
  /** Relative to the working directory. */
  readonly path: string;
  readonly inputTensor: string;
  readonly outputTensor: string;
}

/** A model file, read and checked. */
export interface ModelFile {
  /** What the stage says of it in `service_def.json`. */
  readonly fields: { model_path: string; input_tensor: string; output_tensor: string };
  /** It and what belongs to it, by their entries' names in the zip. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The shapes that it takes and gives, as far as it says. */
  readonly input: Shape | undefined;
  readonly output: Shape | undefined;
}

const SHOWN_TENSORS = 8;

/**
 * Reads a stage's model file.
 * @throws ServiceDefinitionError where it is missing, is of another kind, or has no tensor of the name
 */
export function readModelFile(
  type: 'tensorflow' | 'keras' | 'onnx',
  stage: string,
  source: ModelFileSource,
): ModelFile {
  const { inputTensor, outputTensor } = source;
  // A folder a stage: two stages may bring files of one name.
  const folder = entrySegment(stage);
  const entry = `${folder}/${entrySegment(path.basename(source.path))}`;
  const content = readStageFile(stage, source.path);
  const fields = { model_path: entry, input_tensor: inputTensor, output_tensor: outputTensor };
  if (type === 'keras' && source.path.endsWith('.json')) {
    const { readLayersModel } = require('./layers-model-file') as typeof import('./layers-model-file');
    const read = (name: string) => readStageFile(stage, path.join(path.dirname(source.path), name));
    const weights = readLayersModel(stage, source.path, content, read);
    const files = [...weights].map(([name, bytes]) => [`${folder}/${name}`, bytes] as const);
    return { fields, files: new Map([[entry, content], ...files]), input: undefined, output: undefined };
  }
  const signature = readSignature(type, stage, source.path, content);
  const key = type === 'onnx' ? (tensor: string) => tensor : nodeName;
  const shapeOf = (tensors: ModelSignature['inputs'], tensor: string, what: string) => {
    if (!tensors.has(key(tensor))) {
      throw new ServiceDefinitionError(
        `stage "${stage}": ${source.path} has no ${what} tensor "${tensor}"; it has ${listTensors(tensors)}`,
      );
    }
    return tensors.get(key(tensor));
  };
  return {
    fields,
    files: new Map([[entry, content]]),
    input: shapeOf(signature.inputs, inputTensor, 'input'),
    output: shapeOf(signature.outputs, outputTensor, 'output'),
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

/** The last ones: a graph's outputs stand at its end. */
function listTensors(tensors: ModelSignature['inputs']): string {
  const names = [...tensors.keys()];
  const rest = names.length - SHOWN_TENSORS;
  return names.slice(-SHOWN_TENSORS).join(', ') + (rest > 0 ? `, and ${rest} more` : '') || 'none';
}

/**
 * A name as a part of an entry's name: only characters that mean nothing in any path. Where some had to go, a
 * hash keeps names apart that would otherwise become the same.
 */
function entrySegment(name: string): string {
  const safe = name.replace(/^\.+|[^A-Za-z0-9._-]/g, '_');
  if (safe === name) {
    return name;
  }
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  const { name: base, ext } = path.posix.parse(safe);
  return `${base}-${hash}${ext}`;
}

function readStageFile(stage: string, file: string): Uint8Array {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new ServiceDefinitionError(
      `stage "${stage}": there is no file ${file}; paths are relative to the working directory`,
    );
  }
  return readFileSync(file);
}
