import { parentPort, workerData } from 'node:worker_threads';

import type { FloatTensor } from '../../../wire/tensor';
import { ImageDecoder } from '../image/image-decoder';
import type { Engine } from '../engine/engine';
import { loadEngine } from '../engine/load-engine';
import { DECODE, preciseTime, type StageRun } from '../stage-run';
import { packFailure, unpackFailure } from './failure';
import type { FromWorker, ToWorker, WorkerInput, WorkerReport, WorkerStart } from './messages';
import { NativeCalls } from './native-calls';
import { runStages, tryStages, type LoadedStage } from './stage-chain';

// Entry point of a worker thread. Resizing and engines compute on the calling thread, so each worker dedicates a thread to them.

const { image, maxImagePixels, stages, files, threads, given, ...shared } = workerData as WorkerStart;
const nativeCalls = new NativeCalls(shared.nativeCalls);

function post(message: FromWorker<WorkerReport>, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

async function load(): Promise<readonly LoadedStage[]> {
  const views = new Map([...files].map(([name, memory]) => [name, new Uint8Array(memory)]));
  const loaded: LoadedStage[] = [];
  for (const stage of stages) {
    try {
      loaded.push({
        stage,
        engine: uninterrupted(await nativeCalls.run(() => loadEngine(stage, views, threads))),
      });
    } catch (error) {
      throw unpackFailure(packFailure(stage.stage, error, 'ModelLoadError'));
    }
  }
  return loaded;
}

/** Keeps the thread alive while ONNX Runtime computes. TensorFlow.js computes in JavaScript and can be interrupted. */
function uninterrupted(engine: Engine): Engine {
  return engine.fallback === undefined
    ? { ...engine, run: (tensor) => nativeCalls.run(() => engine.run(tensor)) }
    : engine;
}

async function run(
  decoder: ImageDecoder | undefined,
  loaded: readonly LoadedStage[],
  input: WorkerInput,
): Promise<void> {
  const runs: StageRun[] = [];
  const decoded = await decode(decoder, input, runs);
  const { shape, data, parts } = await runStages(loaded, decoded, (each) => runs.push(each));
  // The result is copied: an engine's memory cannot be transferred between threads, and results are small.
  const copy = Float32Array.from(data);
  post({ type: 'done', tensor: { shape, data: copy, ...(parts && { parts }) }, runs }, [copy.buffer]);
}

async function decode(
  decoder: ImageDecoder | undefined,
  input: WorkerInput,
  runs: StageRun[],
): Promise<FloatTensor> {
  if (!('images' in input)) {
    return input;
  }
  if (decoder === undefined) {
    throw new TypeError('a worker without an image stage cannot decode images');
  }
  const startedAt = preciseTime();
  const tensor = await decoder.decode(input.images);
  runs.push({
    stage: DECODE,
    startedAt,
    durationMs: preciseTime() - startedAt,
    rows: input.images.length,
  });
  return tensor;
}

async function close(loaded: readonly LoadedStage[]): Promise<void> {
  await Promise.allSettled(loaded.map(({ engine }) => engine.close()));
  parentPort?.close();
}

async function main(): Promise<void> {
  const decoder = image && ImageDecoder.load(image, maxImagePixels);
  const loaded = await load();
  const report = await tryStages(loaded, given);
  let previous = Promise.resolve();
  parentPort?.on('message', (message: ToWorker) => {
    previous = previous.then(() =>
      message.type === 'run' ? run(decoder, loaded, message.input).catch(fail) : close(loaded),
    );
  });
  const fallbacks = loaded.flatMap(({ stage: { stage, path }, engine: { fallback } }) =>
    fallback === undefined ? [] : [`stage '${stage}': '${path}' ${fallback}`],
  );
  post({ type: 'ready', report: { ...report, fallbacks } });
}

function fail(error: unknown): void {
  post({ type: 'failed', failure: packFailure('', error, 'InferenceFailedError') });
}

main().catch(fail);
