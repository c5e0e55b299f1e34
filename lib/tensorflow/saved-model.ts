import { messageType } from '../wire/proto/load';
import type { DataType__Output } from '../wire/proto/types/tensorflow/DataType';
import type { GraphDef__Output } from '../wire/proto/types/tensorflow/GraphDef';
import type { MetaGraphDef__Output } from '../wire/proto/types/tensorflow/MetaGraphDef';
import type {
  SavedModel as SavedModelProto,
  SavedModel__Output as SavedModelProto__Output,
} from '../wire/proto/types/tensorflow/SavedModel';
import type { TensorInfo__Output } from '../wire/proto/types/tensorflow/TensorInfo';
import type { Shape } from '../wire/tensor';
import { FileProblem } from './file-problem';
import type { ModelFolder } from './model-folder';
import { TensorBundle } from './tensor-bundle';

export const SAVED_MODEL_FILE = 'saved_model.pb';
const VARIABLES = 'variables/variables';
/** Tag of the graph that TensorFlow Serving serves. */
const SERVING_TAG = 'serve';

const codec = messageType<SavedModelProto, SavedModelProto__Output>('tensorflow.SavedModel');

// A graph whose weights are constants has the size of the model. Protocol buffers end at 2 GiB.
const MAX_BYTES = 2 ** 31 - 1;

/** A tensor of a signature. */
export interface SignatureTensor {
  /** Name of the tensor in the graph. */
  readonly tensor: string;
  readonly dtype: DataType__Output;
  /** `undefined` if the rank is unknown. */
  readonly shape: Shape | undefined;
}

/** Inputs and outputs of a graph, by the names that clients use. */
export interface Signature {
  readonly inputs: ReadonlyMap<string, SignatureTensor>;
  readonly outputs: ReadonlyMap<string, SignatureTensor>;
}

/** A TensorFlow SavedModel. */
export interface SavedModel {
  readonly graph: GraphDef__Output;
  /** `undefined` if the folder has no variables. */
  readonly variables: TensorBundle | undefined;
  readonly signatures: ReadonlyMap<string, Signature>;
}

/**
 * Reads a SavedModel folder: `saved_model.pb` and `variables/`.
 * @throws FileProblem if a file is missing or invalid
 * @see https://www.tensorflow.org/guide/saved_model#the_savedmodel_format_on_disk
 */
export function readSavedModel(folder: ModelFolder): SavedModel {
  const bytes = folder.read(SAVED_MODEL_FILE);
  if (bytes === undefined) {
    throw new FileProblem(
      SAVED_MODEL_FILE,
      'is missing',
      'set the folder that contains it, or a zip of that folder',
    );
  }
  const { graphDef, signatureDef } = servedGraph(bytes);
  const hasVariables = folder.files.includes(`${VARIABLES}.index`);
  return {
    graph: graphDef ?? { node: [], library: null, versions: null },
    variables: hasVariables ? TensorBundle.open(VARIABLES, folder.read) : undefined,
    signatures: new Map(
      Object.entries(signatureDef)
        // TensorFlow 2 adds a signature for initialization.
        .filter(([name]) => !name.startsWith('__'))
        .map(([name, { inputs, outputs }]) => [
          name,
          { inputs: tensorsOf(inputs), outputs: tensorsOf(outputs) },
        ]),
    ),
  };
}

function servedGraph(bytes: Uint8Array): MetaGraphDef__Output {
  if (bytes.length > MAX_BYTES) {
    throw new FileProblem(
      SAVED_MODEL_FILE,
      `has ${bytes.length} bytes; expected at most ${MAX_BYTES}`,
      'save the model with variables',
    );
  }
  let metaGraphs: readonly MetaGraphDef__Output[];
  try {
    ({ metaGraphs } = codec.deserialize(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
  } catch (error) {
    throw new FileProblem(
      SAVED_MODEL_FILE,
      'is not a SavedModel or is truncated',
      'copy the folder again',
      error,
    );
  }
  const [only, ...others] = metaGraphs;
  const tagged = metaGraphs.find(({ metaInfoDef }) => metaInfoDef?.tags.includes(SERVING_TAG));
  const found = tagged ?? (others.length === 0 ? only : undefined);
  if (!found?.graphDef?.node.length) {
    throw new FileProblem(
      SAVED_MODEL_FILE,
      `has no graph with the tag "${SERVING_TAG}"`,
      'save the model with tf.saved_model.save',
    );
  }
  return found;
}

function tensorsOf(
  infos: Readonly<Record<string, TensorInfo__Output>>,
): ReadonlyMap<string, SignatureTensor> {
  return new Map(
    Object.entries(infos).map(([key, { name, dtype, tensorShape }]) => [
      key,
      {
        tensor: name,
        dtype,
        shape: tensorShape && !tensorShape.unknownRank ? tensorShape.dim.map(({ size }) => size) : undefined,
      },
    ]),
  );
}
