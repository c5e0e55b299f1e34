import path from 'node:path';

import { PACKAGE_FOLDER } from '../../../files/package-folder';
import { imageShape } from '../../../service-definition/service-definition-content';
import type { FloatTensor } from '../../../wire/tensor';
import { runInParts, tensorBatch, type Batch } from '../batching/run-in-parts';
import { TENSORFLOW_JS_COST, type EngineStage } from '../engine/engine';
import { FAST_JPEG_PACKAGE, FastJpegDecoder } from '../image/fast-jpeg';
import { usesFastJpeg } from '../image/image-decoder';
import { checkFormats } from '../image/image-format';
import { loadOptionalPackage } from '../optional-packages';
import { InvalidImageError } from '../pipeline-errors';
import type { PipelineLimits } from '../pipeline-resources';
import type { StepPlan } from '../plan';
import type { CallTrace, StageObserver } from '../stage-run';
import type { Step } from '../step';
import { disableEngineTelemetry } from './engine-telemetry';
import type { WorkerInput, WorkerReport, WorkerStart } from './messages';
import { WorkerPool } from './worker-pool';
import { sizeWorkers, thisMachine } from './worker-sizing';

const DEFAULT_MAX_IMAGE_PIXELS = 50_000_000;
const DEFAULT_MAX_RUN_MS = 120_000;

/**
 * Loads stages into a pool of worker threads. Each thread decodes images, if the step has an image stage, and runs all of
 * the stages.
 * @param files files of the service definition
 * @param given input shape of the first stage; empty if unknown
 * @param observe called for each run of a stage, and for the time that each part of a request waits in the queue
 * @throws ModelLoadError if a stage fails to load
 * @throws StageNotSupportedError if a stage cannot run here
 */
export async function loadWorkerStep(
  { image, stages }: Extract<StepPlan, { runsIn: 'workers' }>,
  files: ReadonlyMap<string, Uint8Array>,
  limits: PipelineLimits,
  given: readonly number[],
  observe: StageObserver,
  signal?: AbortSignal,
): Promise<Step> {
  const shared = shareFiles(stages, files);
  const modelBytes = [...shared.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  const {
    workers: size,
    firstThreads,
    otherThreads,
  } = sizeWorkers(modelBytes, thisMachine(), limits.workers);
  const start = (thread: number, nativeCalls: SharedArrayBuffer): WorkerStart => ({
    image,
    maxImagePixels: limits.maxImagePixels ?? DEFAULT_MAX_IMAGE_PIXELS,
    stages,
    files: shared,
    threads: thread === 0 ? firstThreads : otherThreads,
    given: image === undefined ? given : imageShape(image),
    nativeCalls,
  });
  const entry = path.join(PACKAGE_FOLDER, 'dist/lib/server/pipeline/worker/model-worker.js');
  disableEngineTelemetry();
  const starting = WorkerPool.start<WorkerReport>(
    { entry, start, size, maxRunMs: limits.maxRunMs ?? DEFAULT_MAX_RUN_MS },
    signal,
  );
  if (image !== undefined) {
    holdSharp(image);
    warnOfAccurateJpegs(image);
  }
  const pool = await starting;
  const runPart = async (input: WorkerInput, partSignal?: AbortSignal, trace?: CallTrace) => {
    const { tensor, runs } = await pool.run(input, partSignal);
    for (const run of runs) {
      observe(run);
      trace?.add(run);
    }
    return tensor;
  };
  for (const fallback of pool.report.fallbacks ?? []) {
    process.emitWarning(`${fallback}; ${TENSORFLOW_JS_COST}`, 'TensorflowWarning');
  }
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
    run: (tensor: FloatTensor, runSignal?: AbortSignal, _deadlineAt?: number, trace?: CallTrace) =>
      stages.length === 0
        ? Promise.resolve(tensor)
        : runInParts(
            tensorBatch(tensor),
            size,
            (part, partSignal) => runPart(part, partSignal, trace),
            runSignal,
          ),
    ...(image && {
      runImages: (images: readonly Uint8Array[], runSignal?: AbortSignal, trace?: CallTrace) => {
        // Before any image is decoded, which is expensive.
        checkFormats(images);
        return runInParts(
          imageBatch(images),
          size,
          ({ images: some, start: first }, partSignal) =>
            runPart({ images: some }, partSignal, trace).catch((error: unknown) => {
              throw inRequest(error, first);
            }),
          runSignal,
        );
      },
    }),
    close: () => pool.close(),
  };
}

/** Consecutive images of a request. */
interface ImagePart {
  readonly images: readonly Uint8Array[];
  /** Position of the first of them in the request. */
  readonly start: number;
}

function imageBatch(images: readonly Uint8Array[]): Batch<ImagePart> {
  return {
    rows: images.length,
    whole: { images, start: 0 },
    slice: (start, count) => ({ images: images.slice(start, start + count), start }),
  };
}

/** A thread knows the position of an image in its part only. */
function inRequest(error: unknown, start: number): unknown {
  return error instanceof InvalidImageError
    ? new InvalidImageError(start + error.index, error.problem)
    : error;
}

/**
 * Loads sharp while the threads start. A native module that only worker threads use is unloaded with the last of them, which
 * fails while another one starts.
 */
function holdSharp({ name }: NonNullable<WorkerStart['image']>): void {
  try {
    loadOptionalPackage(name, 'sharp');
  } catch {
    // The threads report it.
  }
}

function warnOfAccurateJpegs(image: NonNullable<WorkerStart['image']>): void {
  if (usesFastJpeg(image) && !FastJpegDecoder.isInstalled) {
    process.emitWarning(
      `JPEGs are decoded more accurately than by TensorFlow 1, which changes pixels by about one grey level; run ` +
        `\`npm install --ignore-scripts ${FAST_JPEG_PACKAGE}\` for the same pixels`,
      'ImageWarning',
    );
  }
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
