import { FileProblem } from '../../../lib/tensorflow/file-problem';
import { freezeGraph } from '../../../lib/tensorflow/freeze-graph';
import { GraphProblem } from '../../../lib/tensorflow/graph-def/graph-node';
import { readMetaGraph } from '../../../lib/tensorflow/meta-graph';
import { refusesWith } from '../refusal';

/** A meta graph is read and cut from its first node to its last, or refused with what is wrong. */
export async function fuzz(data: Buffer): Promise<void> {
  await refusesWith([FileProblem, GraphProblem], () => {
    const { graphDef } = readMetaGraph('v.meta', data);
    if (graphDef === null) {
      throw new Error('a graph without nodes was accepted');
    }
    const [first, last] = [graphDef.node[0], graphDef.node[graphDef.node.length - 1]];
    return freezeGraph(graphDef, undefined, `${first.name}:0`, [`${last.name}:0`]);
  });
}
