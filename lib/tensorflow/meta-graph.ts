import { messageType } from '../wire/proto/load';
import type { MetaGraphDef, MetaGraphDef__Output } from '../wire/proto/types/tensorflow/MetaGraphDef';
import { FileProblem } from './file-problem';

// Without weights a graph is small: that of ResNet-152 has 5 MB.
const MAX_BYTES = 64 * 2 ** 20;

const codec = messageType<MetaGraphDef, MetaGraphDef__Output>('tensorflow.MetaGraphDef');

/**
 * Reads the `.meta` file of a checkpoint, which contains the graph.
 * @throws FileProblem if the file is missing or invalid
 */
export function readMetaGraph(file: string, bytes: Uint8Array): MetaGraphDef__Output {
  if (bytes.length > MAX_BYTES) {
    throw new FileProblem(
      file,
      `has ${bytes.length} bytes; expected at most ${MAX_BYTES}`,
      'save the graph again',
    );
  }
  let metaGraph: MetaGraphDef__Output;
  try {
    metaGraph = codec.deserialize(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    throw new FileProblem(file, 'is not a MetaGraphDef or is truncated', 'copy the checkpoint again', error);
  }
  if (!metaGraph.graphDef?.node.length) {
    throw new FileProblem(
      file,
      'has no graph',
      'save the checkpoint with its meta graph (write_meta_graph=True)',
    );
  }
  return metaGraph;
}
