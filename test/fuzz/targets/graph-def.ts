import { decodeGraphDef } from '../../../lib/tensorflow/graph-def/decode-graph-def';
import { GraphProblem } from '../../../lib/tensorflow/graph-def/graph-node';
import { toTfjsGraph } from '../../../lib/tensorflow/graph-def/tfjs-graph';
import { refusesWith } from '../refusal';

/** A GraphDef is decoded and converted, or refused with what is wrong with it. */
export async function fuzz(data: Buffer): Promise<void> {
  await refusesWith([GraphProblem], () => {
    const graph = decodeGraphDef(data);
    const { name } = graph.node[graph.node.length - 1];
    return toTfjsGraph(graph, `${graph.node[0].name}:0`, [`${name}:0`]);
  });
}
