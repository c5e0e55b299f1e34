import { availableParallelism } from 'node:os';
import path from 'node:path';

import type { FloatTensor } from '../../../wire/tensor';
import type { EngineStage } from '../engine/engine';
import type { PipelineLimits } from '../pipeline-resources';
import type { CallTrace, StageObserver } from '../stage-run';
import type { Step } from '../step';
import { disableEngineTelemetry } from './engine-telemetry';
import { runInParts } from '../batching/run-in-parts';
import type { WorkerReport, WorkerStart } from './messages';
import { WorkerPool } from './worker-pool';

const MAX_DEFAULT_WORKERS = 4;
const DEFAULT_MAX_RUN_MS = 120_000;

/**
 * Loads stages into a pool of worker threads. Each thread runs all of the stages.
 * @param files files of the service definition
 * @param given input shape of the first stage; empty if unknown
 * @param observe called for each run of a stage, and for the time that each part of a request waits in the queue
 * @throws ModelLoadError if a stage fails to load
 * @throws StageNotSupportedError if a stage cannot run here
 */
export async function loadWorkerStep(
  stages: readonly EngineStage[],
  files: ReadonlyMap<string, Uint8Array>,
  limits: PipelineLimits,
  given: readonly number[],
  observe: StageObserver,
  signal?: AbortSignal,
): Promise<Step> {
  const cores = availableParallelism();
  const size = limits.workers ?? Math.min(cores, MAX_DEFAULT_WORKERS);
  const start: WorkerStart = {
    stages,
    files: shareFiles(stages, files),
    threads: limits.threads ?? Math.max(1, Math.floor(cores / size)),
    given,
  };
  const entry = path.join(__dirname, 'model-worker.js');
  disableEngineTelemetry();
  const pool = await WorkerPool.start<WorkerReport>(
    { entry, start, size, maxRunMs: limits.maxRunMs ?? DEFAULT_MAX_RUN_MS },
    signal,
  );
  return {
    input: pool.report.input,
    outputShape: pool.report.outputShape,
    outputParts: pool.report.outputParts,
    get failure() {
      return pool.failure;
    },
    get queueLength() {
      return pool.queueLength;
    },
    run: (tensor: FloatTensor, runSignal?: AbortSignal, _deadlineAt?: number, trace?: CallTrace) => {
      const runPart = async (part: FloatTensor, partSignal?: AbortSignal) => {
        const { tensor: result, runs } = await pool.run(part, partSignal);
        for (const run of runs) {
          observe(run);
          trace?.add(run);
        }
        return result;
      };
      return runInParts(tensor, size, runPart, runSignal);
    },
    close: () => pool.close(),
  };
}

function shareFiles(
  stages: readonly EngineStage[],
  files: ReadonlyMap<string, Uint8Array>,
): ReadonlyMap<string, SharedArrayBuffer> {
  const shared = new Map<string, SharedArrayBuffer>();
  const folders = stages
    .filter((stage) => stage.engine === 'keras')
    .map((stage) => path.posix.dirname(stage.path));
  for (const [name, bytes] of files) {
    const isNeeded =
      stages.some((stage) => stage.path === name) ||
      // The weights of a layers model are in the folder of its JSON file.
      folders.some((folder) => folder === '.' || name.startsWith(`${folder}/`));
    if (!isNeeded) {
      continue;
    }
    const memory = new SharedArrayBuffer(bytes.length);
    new Uint8Array(memory).set(bytes);
    shared.set(name, memory);
  }
  return shared;
}
