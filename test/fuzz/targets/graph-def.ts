import { decodeGraphDef } from '../../../lib/tensorflow/graph-def/decode-graph-def';
import { GraphProblem } from '../../../lib/tensorflow/graph-def/graph-node';
import { prepareGraph } from '../../../lib/tensorflow/graph-def/prepare-graph';
import { toTfjsGraph } from '../../../lib/tensorflow/graph-def/tfjs-graph';
import { UntranslatableError } from '../../../lib/tensorflow/onnx/operation';
import { translateGraph } from '../../../lib/tensorflow/onnx/translate-graph';
import { refusesWith } from '../refusal';

/** A GraphDef is decoded, converted and translated, or refused with what is wrong with it. */
export async function fuzz(data: Buffer): Promise<void> {
  const prepare = () => {
    const graph = decodeGraphDef(data);
    const { name } = graph.node[graph.node.length - 1];
    return prepareGraph(graph, `${graph.node[0].name}:0`, [`${name}:0`]);
  };
  await refusesWith([GraphProblem], () => toTfjsGraph(prepare()));
  await refusesWith([GraphProblem, UntranslatableError], () => translateGraph(prepare()));
}
