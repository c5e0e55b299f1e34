import { FileProblem } from '../../../lib/tensorflow/file-problem';
import { freezeGraph } from '../../../lib/tensorflow/freeze-graph';
import { GraphProblem } from '../../../lib/tensorflow/graph-def/graph-node';
import { readSavedModel } from '../../../lib/tensorflow/saved-model';
import { refusesWith } from '../refusal';

/** A SavedModel is read and each of its signatures frozen, or refused with what is wrong. */
export async function fuzz(data: Buffer): Promise<void> {
  const read = (name: string): Buffer | undefined => (name === 'saved_model.pb' ? data : undefined);
  const model = await refusesWith([FileProblem], () =>
    readSavedModel({ name: 'model', files: ['saved_model.pb'], read }),
  );
  for (const { inputs, outputs } of model?.signatures.values() ?? []) {
    const input = [...inputs.values()].at(0);
    await refusesWith([FileProblem, GraphProblem], () =>
      freezeGraph(
        model!.graph,
        model!.variables,
        input?.tensor ?? '',
        [...outputs.values()].map(({ tensor }) => tensor),
      ),
    );
  }
}
