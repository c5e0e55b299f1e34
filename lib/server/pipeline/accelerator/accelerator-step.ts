import { resolveOptions } from '../../../client/prediction-client-options';
import { isMissingMethod, ServiceCaller } from '../../../client/service-caller';
import { DeadlineExceededError } from '../../../errors/prediction-errors';
import { stageOutputs, type StageOutput } from '../../../service-definition/brainwave-outputs';
import type { BrainwaveStageJson } from '../../../service-definition/service-definition-json';
import { wireVersion } from '../../../wire/model-version';
import { elementCount, type FloatTensor, formatShape, nodeName } from '../../../wire/tensor';
import { runInBatches } from '../batching/run-in-batches';
import { ConcurrencyLimit } from '../batching/concurrency-limit';
import { RequestBatcher } from '../batching/request-batcher';
import { InferenceFailedError, PipelineClosedError } from '../pipeline-errors';
import type { StepPlan } from '../plan';
import { joinTraces, preciseTime, type CallTrace, type StageObserver } from '../stage-run';
import type { Step, StepInput } from '../step';
import { DEFAULT_PART_ROWS, runInParts, tensorBatch } from '../batching/run-in-parts';
import type { AcceleratorModel, ModelDescription } from './accelerator-model';
import type { AcceleratorOptions, AcceleratorProtocol } from './accelerator-options';
import { AcceleratorProblems } from './accelerator-problem';
import { chooseTensors, featuresFit, formatRow, type ChosenTensors } from './chosen-tensors';
import { packOutputs, type OutputPart, type StageTensor } from '../named-outputs';
import { KserveV2Model } from './kserve-v2-model';
import { ReadinessWatch } from './readiness-watch';
import { TensorflowServingModel } from './tensorflow-serving-model';

/** Below the number of concurrent calls that servers accept, and enough to fill the batches of a device. */
const MAX_CALLS_AT_ONCE = 16;
const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;
/** gRPC's default limit of a server, and of a client for responses. */
const DEFAULT_MESSAGE_BYTES = 4 * 1024 * 1024;
/** Names, shapes and tags of a message. */
const MESSAGE_OVERHEAD_BYTES = 4 * 1024;
const DEFAULT_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** Time limit of a readiness check. */
const look = { deadlineMs: 2_000, maxAttempts: 1 };

interface Deadline {
  readonly startedAt: number;
  readonly at: number;
}

/** What belongs to the rows of one request. */
interface AcceleratorRequest {
  readonly deadline: Deadline;
  readonly tensors: ChosenTensors;
  readonly trace: CallTrace | undefined;
}

/**
 * A `brainwave` stage on an accelerator server. A batch is sent in parts. A call is retried with exponential backoff if
 * the server is unavailable and the request's deadline allows it.
 */
export class AcceleratorStep implements Step {
  private readonly limit = new ConcurrencyLimit(MAX_CALLS_AT_ONCE);
  private readonly running = new Set<Promise<unknown>>();
  private readonly outputs: readonly StageOutput[];
  /** Merges requests; undefined if each is sent alone. */
  private readonly batcher: RequestBatcher<AcceleratorRequest> | undefined;
  private isClosed = false;

  private constructor(
    private readonly stage: BrainwaveStageJson,
    private readonly label: string,
    private readonly observe: StageObserver,
    private readonly options: AcceleratorOptions,
    private readonly given: readonly number[],
    private readonly caller: ServiceCaller,
    private readonly model: AcceleratorModel,
    private readonly problems: AcceleratorProblems,
    readonly readiness: ReadinessWatch,
  ) {
    this.outputs = stageOutputs(stage);
    const { maxBatchDelayMs: delayMs = 0 } = options;
    this.batcher =
      delayMs === 0
        ? undefined
        : new RequestBatcher({
            delayMs,
            run: ({ tensor, contexts, signal }) => this.call(tensor, contexts, signal),
            mayConcernOne: (error) => error instanceof InferenceFailedError,
          });
  }

  /**
   * Checks whether the accelerator is ready and continues to poll. An accelerator that is not ready is not an error.
   * @param given input shape of the stage; empty if unknown
   * @param observe called for each call to the accelerator
   * @param signal aborts the loading; the call rejects with the signal's reason
   */
  static async load(
    { stage, label }: Extract<StepPlan, { readonly runsIn: 'accelerator' }>,
    options: AcceleratorOptions,
    given: readonly number[],
    observe: StageObserver,
    signal?: AbortSignal,
  ): Promise<AcceleratorStep> {
    const declared = stageOutputs(stage).map(({ name }) => name);
    const unknown = Object.keys(options.outputTensors ?? {}).find((output) => !declared.includes(output));
    if (unknown !== undefined) {
      throw new RangeError(
        `the accelerator's outputTensors has "${unknown}", which is not an output of stage '${stage.name}'; remove it, ` +
          'or add it to outputTensorsDims of the stage',
      );
    }
    const caller = new ServiceCaller(
      resolveOptions({
        address: options.address,
        plaintext: true,
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        maxMessageBytes: MAX_MESSAGE_BYTES,
      }),
      // Each call of a stage has a span, and readiness checks have none.
      false,
    );
    const Model = options.protocol === 'kserve-v2' ? KserveV2Model : TensorflowServingModel;
    const asked = {
      name: options.modelName ?? stage.model_ref,
      version: options.modelVersion ?? defaultVersion(stage.model_version, options.protocol),
    };
    const model = new Model(caller, asked);
    const problems = new AcceleratorProblems(stage, options.protocol, asked);
    try {
      const readiness = await ReadinessWatch.start(
        {
          isReady: (lookSignal) => model.isReady({ ...look, signal: lookSignal }),
          chooseTensors: async (lookSignal) =>
            chooseTensors(await describe(model, stage, options, lookSignal), stage, options, given),
        },
        problems,
        signal,
      );
      return new AcceleratorStep(stage, label, observe, options, given, caller, model, problems, readiness);
    } catch (error) {
      caller.close();
      throw error;
    }
  }

  /** Named as in the stage's `software`, so that clients do not depend on what runs the stage. */
  get input(): StepInput {
    const { software } = this.stage;
    const found = this.readiness.tensors?.input;
    const shape = found === undefined || found.shape.length === 0 ? this.given : found.shape;
    return {
      name: software === undefined ? (found?.name ?? 'input') : nodeName(software.input_tensor),
      shape: shape.map((size, index) => (size < 0 ? (this.given[index] ?? -1) : size)),
    };
  }

  get outputShape(): readonly number[] {
    const [first] = this.outputs;
    return this.outputParts === undefined
      ? [-1, ...first.dims.slice(1)]
      : [-1, this.outputs.reduce((sum, { dims }) => sum + elementCount(dims), 0)];
  }

  get outputParts(): readonly OutputPart[] | undefined {
    return this.stage.output_tensors_dims === undefined
      ? undefined
      : this.outputs.map(({ name = '', dims }) => ({ name, shape: dims.slice(1) }));
  }

  async run(
    tensor: FloatTensor,
    signal?: AbortSignal,
    deadlineAt = Infinity,
    trace?: CallTrace,
  ): Promise<StageTensor> {
    if (this.isClosed) {
      throw new PipelineClosedError();
    }
    const { problem, tensors } = this.readiness;
    if (problem !== undefined || tensors === undefined) {
      throw problem ?? this.problems.notLoaded();
    }
    const startedAt = Date.now();
    const deadline = {
      startedAt,
      at: Math.min(deadlineAt, startedAt + (this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS)),
    };
    const maxRows = this.maxRows(tensor);
    const running = runInParts(
      tensorBatch(tensor),
      1,
      (part, partSignal) => {
        const request = { deadline, tensors, trace };
        return this.batcher === undefined
          ? this.call(part, [request], partSignal)
          : this.batcher.run(part, request, maxRows, partSignal);
      },
      signal,
      maxRows,
    );
    this.running.add(running);
    try {
      return await running;
    } finally {
      this.running.delete(running);
    }
  }

  /** Sends rows to the accelerator: those of one request, or of several. */
  private call(
    part: FloatTensor,
    requests: readonly AcceleratorRequest[],
    signal?: AbortSignal,
  ): Promise<StageTensor> {
    // An earlier deadline ends its own request only, by its signal.
    const [first, ...others] = requests;
    const latest = others.reduce(
      (found, { deadline }) => (deadline.at > found.at ? deadline : found),
      first.deadline,
    );
    const trace = joinTraces(requests.map((request) => request.trace));
    return this.limit.run(() => {
      const engine = {
        input: first.tensors.input,
        run: (batch: FloatTensor) => this.infer(batch, first.tensors, latest, signal, trace),
      };
      return runInBatches(engine, part);
    }, signal);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.allSettled(this.running);
    await this.readiness.close();
    this.caller.close();
  }

  /** Number of rows whose input and features fit into one message each, within `maxBatch`. */
  private maxRows({ shape }: FloatTensor): number {
    const { maxBatch = DEFAULT_PART_ROWS, maxMessageBytes = DEFAULT_MESSAGE_BYTES } = this.options;
    const elements = Math.max(elementCount(shape.slice(1)), elementCount(this.outputShape.slice(1)));
    const rows = Math.floor(
      (maxMessageBytes - MESSAGE_OVERHEAD_BYTES) / (elements * Float32Array.BYTES_PER_ELEMENT),
    );
    return Math.max(1, Math.min(maxBatch, rows));
  }

  private async infer(
    batch: FloatTensor,
    { input, outputs }: ChosenTensors,
    deadline: Deadline,
    signal?: AbortSignal,
    trace?: CallTrace,
  ): Promise<StageTensor> {
    const timeLeftMs = deadline.at - Date.now();
    if (timeLeftMs <= 0) {
      throw this.problems.late(deadline.at - deadline.startedAt);
    }
    const names = { input: input.name, outputs: outputs.map(({ name }) => name) };
    const rows = batch.shape[0] ?? 0;
    const run = trace?.begin(this.label);
    const startedAt = preciseTime();
    let received: readonly FloatTensor[];
    try {
      received = await this.model.infer(batch, names, {
        deadlineMs: timeLeftMs,
        headers: run?.headers,
        signal,
      });
      this.observe({ stage: this.label, startedAt, durationMs: preciseTime() - startedAt, rows });
      run?.end(rows);
    } catch (error) {
      run?.end(rows, error);
      signal?.throwIfAborted();
      if (error instanceof DeadlineExceededError) {
        throw this.problems.late(deadline.at - deadline.startedAt, error);
      }
      this.readiness.suspect();
      throw this.problems.ofRequest(error);
    }
    return this.stageResult(rows, received);
  }

  /** Checks what the accelerator returned and gives it the shapes that the stage declares. */
  private stageResult(rows: number, received: readonly FloatTensor[]): StageTensor {
    const named = received.map(({ shape, data }, index) => {
      const { name = '', dims, property } = this.outputs[index];
      if (shape[0] !== rows || !featuresFit(dims, shape)) {
        throw this.problems.wrong(
          `the accelerator returned ${formatShape(shape)} for a batch of ${rows}, but ` +
            `${property} is ${formatRow(dims)}; correct the one that is wrong`,
        );
      }
      return [name, { shape: [rows, ...dims.slice(1)], data }] as const;
    });
    const [[, only]] = named;
    return this.outputParts === undefined ? only : packOutputs(named);
  }
}

/** Triton knows the models of `triton-repository` by whole numbers. */
function defaultVersion(version: string, protocol: AcceleratorProtocol): string {
  return protocol === 'kserve-v2' ? String(wireVersion(version)) : version;
}

async function describe(
  model: AcceleratorModel,
  stage: BrainwaveStageJson,
  { inputTensor, outputTensor, outputTensors }: AcceleratorOptions,
  signal: AbortSignal,
): Promise<ModelDescription> {
  try {
    return await model.describe({ ...look, signal });
  } catch (error) {
    const outputs = stageOutputs(stage).map(({ name }) =>
      name === undefined ? outputTensor : outputTensors?.[name],
    );
    const tensors = [inputTensor, ...outputs].flatMap((name) =>
      name === undefined ? [] : { name, type: 'float32', isFloat32: true, shape: [] },
    );
    if (tensors.length <= outputs.length || !isMissingMethod(error)) {
      throw error;
    }
    return { inputs: tensors.slice(0, 1), outputs: tensors.slice(1) };
  }
}
