import type { ServiceDefinitionContent } from '../../service-definition/service-definition-content';
import { outOfRange, wholeNumber } from '../../validation/number-range';
import type { FloatTensor } from '../../wire/tensor';
import type { OutputPart, StageTensor } from './named-outputs';
import { checkAcceleratorOptions } from './accelerator/accelerator-options';
import { AcceleratorStep } from './accelerator/accelerator-step';
import {
  type AcceleratorError,
  BatchTooLargeError,
  InferenceFailedError,
  InvalidTensorError,
  PipelineClosedError,
} from './pipeline-errors';
import { checkTensor } from './check-tensor';
import type { PipelineLimits, PipelineResources } from './pipeline-resources';
import { planPipeline, type StepPlan } from './plan';
import { requirePackages } from './optional-packages';
import { SoftmaxStep } from './softmax-step';
import type { CallTrace, StageObserver } from './stage-run';
import type { Step, StepInput } from './step';
import { toRows, rowShape } from './output-rows';
import { untilAborted } from '../../concurrency/abort';
import { loadWorkerStep } from './worker/worker-step';

/**
 * Input of a request: encoded images, if the pipeline decodes images, or an array. For a pipeline that decodes images,
 * the array contains images that are already decoded, cropped and scaled.
 */
export type PipelineInput =
  | { readonly kind: 'images'; readonly images: readonly Uint8Array[] }
  | { readonly kind: 'tensor'; readonly tensor: FloatTensor };

/** Expected input and output of requests. Dimensions are -1 if unknown, as for the batch. */
export interface PipelineSignature {
  readonly input:
    | { readonly kind: 'images' }
    | {
        readonly kind: 'tensor';
        /** Name of the tensor in the model. */
        readonly name: string;
        /** Empty if the rank is unknown. */
        readonly shape: readonly number[];
      };
  readonly output: {
    readonly shape: readonly number[];
    /** Outputs by name if there are several; `shape` is then that of all of them, packed. */
    readonly parts?: readonly OutputPart[] | undefined;
  };
}

/**
 * A loaded service definition. Images are decoded and models run in worker threads, so that the event loop stays free.
 */
export class Pipeline {
  private isClosed = false;

  private constructor(
    private readonly steps: readonly Step[],
    private readonly maxBatch: number,
  ) {}

  /**
   * Loads all models and runs each model with a known input shape once.
   * @param signal aborts the loading; the call rejects with the signal's reason
   * @param observe called for each run of a stage, which may serve several requests at once
   * @throws StageNotSupportedError if a stage cannot run here
   * @throws RangeError if a limit is not a whole number of at least 1, or the accelerator's address is invalid
   * @throws ModelLoadError if a model file is missing, is invalid or does not fit the stage before it
   */
  static async load(
    content: ServiceDefinitionContent,
    resources: PipelineResources = {},
    signal?: AbortSignal,
    observe: StageObserver = ignore,
  ): Promise<Pipeline> {
    const { accelerator, ...limits } = resources;
    checkLimits(limits);
    if (accelerator !== undefined) {
      checkAcceleratorOptions(accelerator);
    }
    const plan = planPipeline(content.definition, accelerator !== undefined);
    requirePackages(plan);
    const steps: Step[] = [];
    let shape: readonly number[] = [];
    try {
      for (const stepPlan of plan.steps) {
        const step = await loadStep(stepPlan, content, resources, shape, observe, signal);
        steps.push(step);
        shape = step.outputShape;
      }
    } catch (error) {
      await Promise.all(steps.map((step) => step.close()));
      throw error;
    }
    return new Pipeline(steps, limits.maxBatch ?? 64);
  }

  /** Expected input and output of requests. */
  get signature(): PipelineSignature {
    const [first] = this.steps;
    const { outputShape = [], outputParts } = this.steps.at(-1) ?? {};
    return {
      input: first.runImages === undefined ? describeInput(first.input) : { kind: 'images' },
      output: { shape: rowShape(outputShape), ...(outputParts && { parts: outputParts }) },
    };
  }

  /** Reason why requests cannot be served now: a stage runs on an accelerator that is not ready. */
  get problem(): AcceleratorError | undefined {
    return this.steps.find((step) => step.readiness?.problem !== undefined)?.readiness?.problem;
  }

  /** Reason why only a restart of the process helps; undefined if requests can be served. */
  get failure(): string | undefined {
    return this.steps.find(({ failure }) => failure !== undefined)?.failure;
  }

  /** Number of parts of requests that wait for a worker thread. */
  get queueLength(): number {
    return this.steps.reduce((sum, { queueLength = 0 }) => sum + queueLength, 0);
  }

  /**
   * Watches the accelerators.
   * @param listener called when `problem` may have changed
   */
  onReadinessChange(listener: () => void): void {
    for (const { readiness } of this.steps) {
      readiness?.onChange(listener);
    }
  }

  /**
   * Scores images or the rows of an array.
   * @param input not changed; the caller keeps its memory
   * @param signal rejects the call immediately with the signal's reason and removes a queued request from the queue
   * @param deadlineAt deadline of the request, in milliseconds since the epoch. Only passed on to accelerators: the
   * signal is what ends the call
   * @param trace receives the runs of the stages for this request
   * @returns float32 `[n, classes]`, one row per image; several outputs are packed, see `unpackOutputs`
   * @throws InvalidImageError if an image cannot be decoded or is not accepted
   * @throws InvalidTensorError if the array does not fit the pipeline
   * @throws BatchTooLargeError if the batch exceeds `maxBatch`
   * @throws InferenceFailedError if a model fails on input of the right shape
   * @throws WorkerCrashedError if the thread that ran the request ended
   * @throws AcceleratorError if the accelerator is not ready, does not respond in time or fails
   * @throws PipelineClosedError if the pipeline is closed
   */
  async score(
    input: PipelineInput,
    signal?: AbortSignal,
    deadlineAt?: number,
    trace?: CallTrace,
  ): Promise<StageTensor> {
    if (this.isClosed) {
      throw new PipelineClosedError();
    }
    signal?.throwIfAborted();
    return untilAborted(this.run(input, signal, deadlineAt, trace), signal);
  }

  /** Rejects queued requests, waits for running ones and ends the threads. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all(this.steps.map((step) => step.close()));
  }

  private async run(
    input: PipelineInput,
    signal?: AbortSignal,
    deadlineAt?: number,
    trace?: CallTrace,
  ): Promise<StageTensor> {
    // Skip decoding: the result could not be scored.
    const { problem } = this;
    if (problem !== undefined) {
      throw problem;
    }
    const [first, ...others] = this.steps;
    const rows = input.kind === 'images' ? input.images.length : (input.tensor.shape[0] ?? 0);
    try {
      let tensor = await this.runFirst(first, input, signal, deadlineAt, trace);
      for (const step of others) {
        tensor = await step.run(tensor, signal, deadlineAt, trace);
      }
      return toRows(tensor, rows);
    } catch (error) {
      throw this.blameInput(error, input);
    }
  }

  private async runFirst(
    step: Step,
    input: PipelineInput,
    signal?: AbortSignal,
    deadlineAt?: number,
    trace?: CallTrace,
  ): Promise<StageTensor> {
    if (input.kind === 'images') {
      if (step.runImages === undefined) {
        throw new InvalidTensorError(
          'got encoded images, but the service has no image stage; send the decoded array, or add an image ' +
            'stage at the start of the service definition',
        );
      }
      this.checkBatch(input.images.length);
      return step.runImages(input.images, signal, trace);
    }
    const { shape, data } = input.tensor;
    const { shape: taken } = step.input;
    checkTensor(input.tensor, taken.length === 0 ? [] : [-1, ...taken.slice(1)]);
    this.checkBatch(shape[0] ?? 0);
    // The step may transfer the memory of its input.
    return step.run({ shape: [...shape], data: Float32Array.from(data) }, signal, deadlineAt, trace);
  }

  private checkBatch(size: number): void {
    if (size === 0) {
      throw new InvalidTensorError('got an empty batch; send at least one image');
    }
    if (size > this.maxBatch) {
      throw new BatchTooLargeError(size, this.maxBatch);
    }
  }

  /** If a model does not declare its input shape, only running it shows that the shape of a request is wrong. */
  private blameInput(error: unknown, input: PipelineInput): unknown {
    const expected = this.signature.input;
    const isOpen =
      expected.kind === 'tensor' &&
      (expected.shape.length === 0 || expected.shape.slice(1).some((size) => size < 0));
    if (input.kind !== 'tensor' || !isOpen || !(error instanceof InferenceFailedError)) {
      return error;
    }
    return new InvalidTensorError(
      `got [${input.tensor.shape.join(', ')}], which the model does not accept (${error.problem}); send another shape`,
      { cause: error },
    );
  }
}

function loadStep(
  plan: StepPlan,
  content: ServiceDefinitionContent,
  { accelerator, ...limits }: PipelineResources,
  given: readonly number[],
  observe: StageObserver,
  signal?: AbortSignal,
): Promise<Step> {
  if (plan.runsIn === 'server') {
    return Promise.resolve(new SoftmaxStep(given, plan.label, observe));
  }
  if (plan.runsIn === 'workers') {
    return loadWorkerStep(plan, content.files, limits, given, observe, signal);
  }
  if (accelerator === undefined) {
    throw new RangeError('the plan requires an accelerator, but none is configured');
  }
  return AcceleratorStep.load(plan, accelerator, given, observe, signal);
}

function checkLimits(limits: PipelineLimits): void {
  for (const [name, value] of Object.entries(limits) as [string, number | undefined][]) {
    const problem = outOfRange(name, value, wholeNumber(1));
    if (problem !== undefined) {
      throw new RangeError(problem);
    }
  }
}

function describeInput({ name, shape }: StepInput): PipelineSignature['input'] {
  return { kind: 'tensor', name, shape: shape.length === 0 ? [] : [-1, ...shape.slice(1)] };
}

function ignore(): void {
  // Nobody measures the stages.
}
