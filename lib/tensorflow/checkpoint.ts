import type { GraphDef__Output } from '../wire/proto/types/tensorflow/GraphDef';
import { FileProblem } from './file-problem';
import { readMetaGraph } from './meta-graph';
import type { ModelFolder } from './model-folder';
import { TensorBundle } from './tensor-bundle';

/** A checkpoint of TensorFlow 1: a graph and the values of its variables. */
export interface Checkpoint {
  readonly graph: GraphDef__Output;
  readonly variables: TensorBundle;
}

/**
 * Reads a folder that `tf.train.Saver` wrote: `checkpoint`, `<prefix>.meta`, `<prefix>.index` and
 * `<prefix>.data-00000-of-00001`.
 * @throws FileProblem if a file is missing or invalid
 */
export function readCheckpoint(folder: ModelFolder): Checkpoint {
  const prefix = findPrefix(folder);
  const variables = TensorBundle.open(prefix, folder.read);
  const meta = findMeta(folder, prefix);
  const content = folder.read(meta);
  if (content === undefined) {
    throw new FileProblem(
      meta,
      'is missing',
      'save the checkpoint with its meta graph (write_meta_graph=True)',
    );
  }
  const { graphDef } = readMetaGraph(meta, content);
  return { graph: graphDef ?? { node: [], library: null, versions: null }, variables };
}

/** Returns the latest checkpoint. The file `checkpoint` contains its path on the machine that wrote it. */
function findPrefix({ name, files, read }: ModelFolder): string {
  const prefixes = files
    .filter((file) => /^[^/]*\.index$/.test(file))
    .map((file) => file.slice(0, -'.index'.length));
  const state = Buffer.from(read('checkpoint') ?? []).toString('utf8');
  const latest = /^model_checkpoint_path:\s*"([^"]*)"/m.exec(state)?.[1]?.split(/[\\/]/).at(-1);
  const only = prefixes.at(0);
  const others = prefixes.slice(1);
  if (latest !== undefined && (prefixes.includes(latest) || only === undefined)) {
    return latest;
  }
  if (only === undefined) {
    throw new FileProblem(
      name || 'the folder',
      `contains no checkpoint (${files.slice(0, 5).join(', ') || 'it is empty'})`,
      'expected <prefix>.index, <prefix>.meta and <prefix>.data-00000-of-00001',
    );
  }
  if (others.length > 0) {
    throw new FileProblem(
      name || 'the folder',
      `contains several checkpoints (${prefixes.slice(0, 5).join(', ')})`,
      'add the file `checkpoint`, which selects the latest, or remove the others',
    );
  }
  return only;
}

function findMeta({ files }: ModelFolder, prefix: string): string {
  const own = `${prefix}.meta`;
  const all = files.filter((file) => /^[^/]*\.meta$/.test(file));
  return all.length === 1 && !all.includes(own) ? (all[0] ?? own) : own;
}
