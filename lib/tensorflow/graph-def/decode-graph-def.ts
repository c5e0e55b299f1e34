import { messageType } from '../../wire/proto/load';
import type { GraphDef, GraphDef__Output } from '../../wire/proto/types/tensorflow/GraphDef';
import { GraphProblem } from './graph-node';

/**
 * Decodes the bytes of a frozen GraphDef.
 * @throws GraphProblem if the bytes are in another format or truncated
 */
export function decodeGraphDef(bytes: Uint8Array): GraphDef__Output {
  const signature = Buffer.from(bytes.subarray(0, 8)).toString('latin1');
  if (signature.startsWith('\x89HDF')) {
    throw new GraphProblem('is a Keras HDF5 file; freeze it to a GraphDef, or convert it to a layers model');
  }
  if (signature.startsWith('PK\x03\x04')) {
    throw new GraphProblem(
      'is a zip archive (.keras?); freeze it to a GraphDef, or convert it to a layers model',
    );
  }
  // A SavedModel starts with its schema version, a number. A GraphDef starts with a node.
  if (signature.startsWith('\x08\x01')) {
    throw new GraphProblem('is a SavedModel; freeze it first (convert_variables_to_constants_v2)');
  }
  let graph: GraphDef__Output;
  try {
    graph = messageType<GraphDef, GraphDef__Output>('tensorflow.GraphDef').deserialize(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    );
  } catch {
    throw new GraphProblem('is not a GraphDef or is truncated; freeze the graph again');
  }
  if (graph.node.length === 0 || graph.node.some((node) => node.name === '' || node.op === '')) {
    throw new GraphProblem(
      'is not a GraphDef: it has no nodes with names and operations; freeze the graph again',
    );
  }
  return graph;
}
