import { elementCount, formatShape, shapesFit, type FloatTensor } from '../../../wire/tensor';
import type { OutputPart, StageTensor } from '../named-outputs';
import { preciseTime, type StageObserver } from '../stage-run';
import { misfitRemedy } from '../step';
import type { Engine, EngineStage } from '../engine/engine';
import { runInBatches } from '../batching/run-in-batches';
import { ModelLoadError } from '../pipeline-errors';
import { packFailure, unpackFailure, type StageFailure } from './failure';
import type { WorkerReport } from './messages';

/** A loaded stage. */
export interface LoadedStage {
  readonly stage: EngineStage;
  readonly engine: Engine;
}

/**
 * Runs a tensor through a sequence of stages.
 * @param observe called for each stage that has run
 */
export async function runStages(
  stages: readonly LoadedStage[],
  tensor: FloatTensor,
  observe: StageObserver,
): Promise<StageTensor> {
  let current: StageTensor = tensor;
  const rows = tensor.shape[0] ?? 0;
  for (const loaded of stages) {
    const startedAt = preciseTime();
    current = await runStage(loaded, current, 'InferenceFailedError');
    observe({ stage: loaded.stage.label, startedAt, durationMs: preciseTime() - startedAt, rows });
  }
  return current;
}

/**
 * Runs zeros through the stages whose shapes are known. This finds stages that do not fit each other before the first
 * request and warms up the engines.
 * @param given input shape of the first stage; empty if unknown
 * @throws ModelLoadError if a stage fails or does not fit the stage before it
 */
export async function tryStages(
  stages: readonly LoadedStage[],
  given: readonly number[],
): Promise<WorkerReport> {
  const first = stages.at(0);
  if (first === undefined) {
    return { input: { name: 'image', shape: given }, outputShape: given };
  }
  const { input } = first.engine;
  checkFits(first, given);
  const shape = merge(input.shape, given);
  if (!isKnownButBatch(shape)) {
    return { input: { name: input.name, shape }, outputShape: [], outputParts: declaredParts(stages) };
  }

  const batch = Math.max(1, shape[0] ?? 1);
  let tensor: StageTensor = zeros([batch, ...shape.slice(1)]);
  for (const loaded of stages) {
    checkFits(loaded, [-1, ...tensor.shape.slice(1)]);
    tensor = await runStage(loaded, tensor, 'ModelLoadError');
  }
  return {
    input: { name: input.name, shape: [-1, ...shape.slice(1)] },
    outputShape: [-1, ...tensor.shape.slice(1)],
    outputParts: tensor.parts,
  };
}

/** Names of the last stage's outputs; their sizes are unknown until it runs. */
function declaredParts(stages: readonly LoadedStage[]): readonly OutputPart[] | undefined {
  const { outputs } = stages.at(-1)?.stage ?? {};
  return outputs && Object.keys(outputs).map((name) => ({ name, shape: [] }));
}

async function runStage(
  { stage, engine }: LoadedStage,
  tensor: FloatTensor,
  otherwise: StageFailure['kind'],
): Promise<StageTensor> {
  try {
    const result = await runInBatches(engine, tensor);
    checkPromised(stage, result);
    return result;
  } catch (error) {
    throw unpackFailure(packFailure(stage.stage, error, otherwise));
  }
}

/** A brainwave stage declares the shape of its features, regardless of what computes them. */
function checkPromised({ path, ...stage }: EngineStage, { shape, parts = [] }: StageTensor): void {
  const check = (sizes: readonly number[], property: string, promised: readonly number[] | undefined) => {
    if (promised !== undefined && !shapesFit(promised.slice(1), sizes)) {
      throw new Error(
        `'${path}' computes ${formatShape([-1, ...sizes])}, but ${property} is ` +
          `${formatShape([-1, ...promised.slice(1)])}; correct the one that is wrong`,
      );
    }
  };
  check(shape.slice(1), 'outputTensorDims', stage.expectedOutput);
  for (const part of parts) {
    check(part.shape, `outputTensorsDims["${part.name}"]`, stage.expectedOutputs?.[part.name]);
  }
}

function checkFits({ stage, engine }: LoadedStage, given: readonly number[]): void {
  const taken = engine.input.shape;
  if (taken.length === 0 || given.length === 0 || shapesFit(taken.slice(1), given.slice(1))) {
    return;
  }
  throw new ModelLoadError(
    stage.stage,
    `'${stage.path}' expects ${formatShape([-1, ...taken.slice(1)])} at '${stage.input}', but receives ` +
      `${formatShape([-1, ...given.slice(1)])}; ${misfitRemedy(taken, given)}`,
  );
}

function merge(taken: readonly number[], given: readonly number[]): readonly number[] {
  if (taken.length === 0) {
    return given;
  }
  return taken.map((size, index) => (size < 0 ? (given[index] ?? -1) : size));
}

function isKnownButBatch(shape: readonly number[]): boolean {
  return shape.length > 0 && shape.slice(1).every((size) => size >= 0);
}

function zeros(shape: readonly number[]): FloatTensor {
  return { shape, data: new Float32Array(elementCount(shape)) };
}
