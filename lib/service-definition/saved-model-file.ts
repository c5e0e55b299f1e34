import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { FileProblem } from '../tensorflow/file-problem';
import { freezeGraph } from '../tensorflow/freeze-graph';
import { GraphProblem } from '../tensorflow/graph-def/graph-node';
import { diskFolder, subfolder, zipFolder, type ModelFolder } from '../tensorflow/model-folder';
import {
  readSavedModel,
  SAVED_MODEL_FILE,
  type SavedModel,
  type SignatureTensor,
} from '../tensorflow/saved-model';
import { unreadablePath } from '../validation/input-path';
import type { Shape } from '../wire/tensor';
import { findPreprocessArray } from './azure-ml-sdk/preprocess-array';
import { ServiceDefinitionError } from './service-definition-content';
import { listZip, readEntrySync } from './zip-archive';

const MAX_SHOWN = 10;

/** A SavedModel and the part of it to run. */
export interface SavedModelSource {
  /** Folder or zip that contains the SavedModel, also in a subfolder; relative to the working directory. */
  readonly path: string;
  readonly signatureName: string;
  /** Input of the signature, or a tensor of the graph; the only input by default. */
  readonly input?: string | undefined;
  /** Outputs of the signature, or tensors of the graph; all outputs of the signature by default. */
  readonly outputs?: readonly string[] | undefined;
}

/** A SavedModel as a frozen graph. */
export interface FrozenSavedModel {
  /** A serialized GraphDef. */
  readonly graph: Uint8Array;
  readonly inputTensor: string;
  /** Tensors by the names of the outputs. */
  readonly outputTensors: ReadonlyMap<string, string>;
  readonly input: Shape | undefined;
  /** Shape of the only output. */
  readonly output: Shape | undefined;
}

/**
 * Reads a SavedModel and freezes the part that computes a signature's outputs.
 * @throws ServiceDefinitionError if the SavedModel is invalid or lacks the signature or a tensor
 */
export function freezeSavedModel(stage: string, source: SavedModelSource): FrozenSavedModel {
  const fail = (problem: string, cause?: unknown): never => {
    throw new ServiceDefinitionError(`stage "${stage}": ${source.path} ${problem}`, { cause });
  };
  const problem = unreadablePath('path', source.path);
  if (problem !== undefined) {
    throw new ServiceDefinitionError(`stage "${stage}": ${problem}`);
  }
  try {
    const model = readSavedModel(openSavedModel(fail, source.path));
    const signature = model.signatures.get(source.signatureName);
    if (!signature) {
      return fail(
        `has no signature "${source.signatureName}"; set signatureName to one of: ${listNames(model.signatures)}`,
      );
    }
    const input = choose(fail, 'input', source.input, signature.inputs);
    refuseStrings(fail, model, source.input ?? '', input);
    const outputs = source.outputs ?? [...signature.outputs.keys()];
    const tensors = outputs.map((name) => choose(fail, 'output', name, signature.outputs));
    const frozen = freezeGraph(
      model.graph,
      model.variables,
      input.tensor,
      tensors.map(({ tensor }) => tensor),
    );
    return {
      graph: frozen.bytes,
      inputTensor: input.tensor,
      outputTensors: new Map(outputs.map((name, index) => [name, frozen.outputs[index] ?? ''])),
      input: input.shape,
      output: tensors.length === 1 ? tensors[0]?.shape : undefined,
    };
  } catch (error) {
    if (error instanceof FileProblem) {
      return fail(`cannot be loaded: ${error.message}`, error);
    }
    if (error instanceof GraphProblem) {
      return fail(error.message, error);
    }
    throw error;
  }
}

type Fail = (problem: string) => never;

/** Resolves a name: with a colon, it is a tensor of the graph, otherwise a name in the signature. */
function choose(
  fail: Fail,
  side: 'input' | 'output',
  wanted: string | undefined,
  tensors: ReadonlyMap<string, SignatureTensor>,
): SignatureTensor {
  if (wanted?.includes(':')) {
    return { tensor: wanted, dtype: 'DT_FLOAT', shape: undefined };
  }
  const [only, ...others] = tensors.values();
  const found = wanted === undefined ? (others.length === 0 ? only : undefined) : tensors.get(wanted);
  if (found) {
    return found;
  }
  return fail(
    `has ${wanted === undefined ? `${tensors.size} ${side}s` : `no ${side} "${wanted}"`}; ` +
      `set ${side}Tensor to one of: ${listNames(tensors)}, or to a tensor of the graph`,
  );
}

/** Rejects encoded images as input, which an image stage must decode. */
function refuseStrings(fail: Fail, { graph }: SavedModel, name: string, input: SignatureTensor): void {
  if (input.dtype !== 'DT_STRING') {
    return;
  }
  const decoder = findPreprocessArray(graph);
  if (!decoder) {
    fail(
      `expects strings at "${name || input.tensor}"; add Stage.image before it and set inputTensor to the tensor of ` +
        'decoded images, such as "images:0"',
    );
    return;
  }
  const { resize, crop, preserveAspectRatio, mean, scale, order } = decoder;
  fail(
    `expects strings at "${name || input.tensor}", which the Azure ML SDK's preprocess_array decodes; add ` +
      `Stage.image({ resize: ${resize}, crop: ${crop}, ${preserveAspectRatio ? '' : 'preserveAspectRatio: false, '}method: ResizeMethod.BILINEAR_TF1, mean: [${mean.join(', ')}], ` +
      `scale: ${scale}, order: ChannelOrder.${order} }) before it and set inputTensor to "${decoder.output}"`,
  );
}

function listNames(names: ReadonlyMap<string, unknown>): string {
  return [...names.keys()].slice(0, MAX_SHOWN).join(', ') || 'none';
}

/**
 * Returns the SavedModel's folder: the only one in a folder or zip that contains a `saved_model.pb`. TensorFlow Serving and
 * archive tools place it in a subfolder.
 */
function openSavedModel(fail: Fail, file: string): ModelFolder {
  const folder = openFolder(file);
  const models = folder.files
    .filter((name) => path.posix.basename(name) === SAVED_MODEL_FILE)
    .map((name) => path.posix.dirname(name));
  const [only = '.', ...others] = models;
  if (others.length > 0) {
    const shown = models.slice(0, MAX_SHOWN).map((each) => path.posix.join(each, SAVED_MODEL_FILE));
    const rest = models.length - shown.length;
    return fail(
      `contains ${models.length} SavedModels (${shown.join(', ')}${rest > 0 ? `, and ${rest} more` : ''}); ` +
        'set path to the subfolder of the one to run, or move the others out',
    );
  }
  return only === '.' ? folder : subfolder(folder, only);
}

function openFolder(file: string): ModelFolder {
  if (statSync(file).isDirectory()) {
    return diskFolder(file);
  }
  const entries = new Map(listZip(readFileSync(file)).map((entry) => [entry.name, entry]));
  return { ...zipFolder(entries, '', readEntrySync), name: file };
}
