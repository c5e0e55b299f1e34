import { GrpcStatus } from '../errors/grpc-status';
import type { _grpc_health_v1_HealthCheckResponse_ServingStatus__Output as HealthStatus } from '../wire/proto/types/grpc/health/v1/HealthCheckResponse';
import type { _tensorflow_serving_ModelVersionStatus_State__Output as ModelState } from '../wire/proto/types/tensorflow/serving/ModelVersionStatus';
import type { TensorProto, TensorProto__Output } from '../wire/proto/types/tensorflow/TensorProto';
import type { FloatTensor } from '../wire/tensor';
import { formatShape } from '../wire/tensor';
import { TensorFormatError, imagesToProto, tensorFromProto, tensorToProto } from '../wire/tensor-proto';
import { splitIntoBatches } from './batches';
import {
  CLASSIFICATION_OPTIONS,
  topClasses,
  type Classification,
  type ClassificationOptions,
} from './classification';
import { LinkedAbort } from '../concurrency/abort';
import { readModelMetadata, type ModelMetadata } from '../wire/model-metadata';
import {
  requireKnownOptions,
  resolveOptions,
  type ClientSettings,
  type PredictionClientOptions,
} from './prediction-client-options';
import { InvalidInputError, UnavailableError, UnexpectedResponseError } from '../errors/prediction-errors';
import { WAIT_OPTIONS, waitForReadiness, type LookOptions, type WaitUntilReadyOptions } from './readiness';
import {
  CALL_OPTIONS,
  ServiceCaller,
  isMissingMethod,
  type CallOptions,
  type InternalCallOptions,
} from './service-caller';
import type { KnownKeys } from '../validation/known-keys';
import { REVISION_METADATA, type ServedRevision } from '../wire/served-revision';
import { serviceMethods } from '../wire/service-methods';
import { restMethods, type ClientMethods } from './rest-methods';

/** Options of {@link PredictionClient.classify}. */
export interface ClassifyOptions extends CallOptions, ClassificationOptions {}

const CLASSIFY_OPTIONS: KnownKeys<ClassifyOptions> = { ...CALL_OPTIONS, ...CLASSIFICATION_OPTIONS };

/** State of a model version. */
export interface ModelVersionState {
  readonly version: number;
  /** `AVAILABLE` if the version is ready to score. */
  readonly state: ModelState;
  /** Reason for the state, if the server reports one. */
  readonly message: string;
}

/** Maximum number of calls of one `predictImages` in flight. */
const BATCHES_IN_FLIGHT = 4;

/**
 * Scores images with a web service over gRPC, using TensorFlow Serving's protocol. All calls share one connection, which is
 * reestablished when it breaks. An `https://` address is called over TensorFlow Serving's REST API instead.
 *
 * Images and arrays are sent without a copy: they must not change until the call has ended.
 *
 * Every method throws a {@link PredictionError} whose message includes the remedy.
 */
export class PredictionClient {
  private readonly settings: ClientSettings;
  private readonly caller: ServiceCaller;
  private readonly methods: ClientMethods;
  private learntInputName: string | undefined;

  /**
   * Creates a client. It connects with the first call.
   * @throws InvalidInputError if an option is unknown or invalid, for example a key without TLS
   */
  constructor(options: PredictionClientOptions) {
    this.settings = resolveOptions(options);
    this.caller = new ServiceCaller(this.settings);
    const { rest, modelName, outputName } = this.settings;
    this.methods = rest ? restMethods(rest.prefix, modelName, outputName) : serviceMethods();
  }

  /**
   * Scores one encoded image (JPEG, PNG, …).
   * @returns the probability of each class
   */
  async predictImage(image: Uint8Array, options: CallOptions = {}): Promise<Float32Array> {
    requireKnownOptions(options, CALL_OPTIONS);
    return this.scoreImage(image, options);
  }

  /**
   * Scores encoded images in as many calls as `maxBatchBytes` and `maxBatchImages` require. Each call has the full deadline. The
   * first call that fails cancels the others.
   * @returns probability of each class, for each image in order
   */
  async predictImages(images: readonly Uint8Array[], options: CallOptions = {}): Promise<Float32Array[]> {
    requireKnownOptions(options, CALL_OPTIONS);
    const batches = splitIntoBatches(images, this.settings.batch);
    const results = new Array<Float32Array[]>(batches.length);
    const abort = new LinkedAbort(options.signal);
    const firstOf = (index: number) =>
      batches.slice(0, index).reduce((count, batch) => count + batch.length, 0);
    const queue = batches.entries();
    const work = async () => {
      for (const [index, batch] of queue) {
        results[index] = await this.predictBatch(
          batch,
          { ...options, signal: abort.signal },
          firstOf(index),
          images.length,
        );
      }
    };
    try {
      await Promise.all(Array.from({ length: Math.min(BATCHES_IN_FLIGHT, batches.length) }, work));
    } finally {
      abort.abort();
      abort.end();
    }
    return results.flat();
  }

  /**
   * Scores an array, for a service that takes arrays instead of encoded images.
   * @param tensor array with the batch as its first dimension: `[n, height, width, channels]`
   * @returns `[n, classes]`
   */
  async predict(tensor: FloatTensor, options: CallOptions = {}): Promise<FloatTensor> {
    requireKnownOptions(options, CALL_OPTIONS);
    const proto = asInput(() => tensorToProto(tensor));
    return this.callPredict({ [await this.arrayInput(options)]: proto }, options);
  }

  /**
   * Scores encoded images, or an array, and returns every output of the model: for models with several, such as object
   * detectors.
   * @param names outputs to return. @default - all
   * @returns tensors by output name, with the batch as their first dimension
   */
  async predictOutputs(
    input: readonly Uint8Array[] | FloatTensor,
    names: readonly string[] = [],
    options: CallOptions = {},
  ): Promise<ReadonlyMap<string, FloatTensor>> {
    requireKnownOptions(options, CALL_OPTIONS);
    const inputs = isTensor(input)
      ? { [await this.arrayInput(options)]: asInput(() => tensorToProto(input)) }
      : { images: imagesToProto(input) };
    const { outputs } = await this.caller.call(
      this.methods.prediction.Predict,
      { modelSpec: { name: this.settings.modelName }, inputs, outputFilter: [...names] },
      options,
    );
    return new Map(Object.entries(outputs).map(([name, proto]) => [name, readOutput(name, proto)]));
  }

  /**
   * Scores one encoded image and returns its most probable classes.
   * @returns classes in descending order of probability
   */
  async classify(image: Uint8Array, options: ClassifyOptions = {}): Promise<Classification[]> {
    requireKnownOptions(options, CLASSIFY_OPTIONS);
    const { labels, top, ...callOptions } = options;
    return topClasses(await this.scoreImage(image, callOptions), { labels, top });
  }

  /** Returns the states of the model's versions. */
  async modelStatus(options: CallOptions = {}): Promise<ModelVersionState[]> {
    requireKnownOptions(options, CALL_OPTIONS);
    return this.readModelStatus(options);
  }

  /**
   * Returns the revision of the deployment that answers, and which of its replicas does.
   * @returns undefined if the server does not report it
   */
  async servedRevision(options: CallOptions = {}): Promise<ServedRevision | undefined> {
    requireKnownOptions(options, CALL_OPTIONS);
    const { headers } = await this.caller.callWithHeaders(
      this.methods.model.GetModelStatus,
      { modelSpec: { name: this.settings.modelName } },
      options,
    );
    const revision = headers[REVISION_METADATA.revision];
    const replica = headers[REVISION_METADATA.replica] ?? '';
    return revision === undefined ? undefined : { revision: String(revision), replica: String(replica) };
  }

  /** Returns the inputs and outputs of the model. */
  async modelMetadata(options: CallOptions = {}): Promise<ModelMetadata> {
    requireKnownOptions(options, CALL_OPTIONS);
    const response = await this.caller.call(
      this.methods.prediction.GetModelMetadata,
      { modelSpec: { name: this.settings.modelName }, metadataField: ['signature_def'] },
      options,
    );
    return readModelMetadata(response);
  }

  /**
   * Queries the server's health service.
   * @returns `SERVING`, `NOT_SERVING`, or `SERVICE_UNKNOWN`
   */
  async health(options: CallOptions = {}): Promise<HealthStatus> {
    requireKnownOptions(options, CALL_OPTIONS);
    return this.readHealth(options);
  }

  /**
   * Waits until the server reports that it is serving or, without a health service, until its model is available.
   * @throws NotReadyInTimeError with the last reason, or immediately the reason itself if waiting cannot help
   */
  async waitUntilReady(options: WaitUntilReadyOptions = {}): Promise<void> {
    requireKnownOptions(options, WAIT_OPTIONS);
    await waitForReadiness((look) => this.checkReady(look), options);
  }

  /** Cancels all calls in flight and closes the connection. The client cannot be used afterward. */
  close(): void {
    this.caller.close();
  }

  private async checkReady({ deadlineMs, signal }: LookOptions): Promise<void> {
    const state = await this.readState({ deadlineMs, signal, maxAttempts: 1 });
    if (state !== 'SERVING' && state !== 'AVAILABLE') {
      throw new UnavailableError(
        `the server responds, but is ${state}: it is loading its model or shutting down`,
        {
          remedy: 'wait until it has loaded its model, and check its log if that takes too long',
          grpcStatus: GrpcStatus.UNAVAILABLE,
        },
      );
    }
  }

  private async readState(options: InternalCallOptions): Promise<string> {
    try {
      return await this.readHealth(options);
    } catch (error) {
      if (!isMissingMethod(error)) {
        throw error;
      }
      const versions = await this.readModelStatus(options);
      return versions.some(({ state }) => state === 'AVAILABLE')
        ? 'AVAILABLE'
        : (versions[0]?.state ?? 'UNKNOWN');
    }
  }

  private async readHealth(options: InternalCallOptions): Promise<HealthStatus> {
    const response = await this.caller.call(this.methods.health.Check, {}, options);
    return response.status;
  }

  private async readModelStatus(options: InternalCallOptions): Promise<ModelVersionState[]> {
    const response = await this.caller.call(
      this.methods.model.GetModelStatus,
      { modelSpec: { name: this.settings.modelName } },
      options,
    );
    return response.modelVersionStatus.map(({ version, state, status }) => ({
      version,
      state,
      message: status?.errorMessage ?? '',
    }));
  }

  private async scoreImage(image: Uint8Array, options: CallOptions): Promise<Float32Array> {
    const [probabilities] = await this.predictBatch([image], options, 0, 1);
    return probabilities;
  }

  private async predictBatch(
    images: readonly Uint8Array[],
    options: CallOptions,
    first: number,
    total: number,
  ): Promise<Float32Array[]> {
    const empty = images.findIndex((image) => image.length === 0);
    if (empty >= 0) {
      throw new InvalidInputError(
        `image ${first + empty + 1} of ${total} has 0 bytes, expected an encoded image (JPEG, PNG, …)`,
      );
    }
    const { shape, data } = await this.callPredict({ images: imagesToProto(images) }, options);
    const [count, classes] = shape;
    if (shape.length !== 2 || count !== images.length) {
      throw new UnexpectedResponseError(
        `got an output of shape ${formatShape(shape)} for ${images.length} images, ` +
          `expected [${images.length}, classes]`,
        { remedy: 'check that the service classifies images' },
      );
    }
    return images.length === 1
      ? [data]
      : images.map((_, index) => data.slice(index * classes, (index + 1) * classes));
  }

  private async callPredict(inputs: Record<string, TensorProto>, options: CallOptions): Promise<FloatTensor> {
    const { modelName, outputName } = this.settings;
    const { outputs } = await this.caller.call(
      this.methods.prediction.Predict,
      { modelSpec: { name: modelName }, inputs },
      options,
    );
    if (!Object.hasOwn(outputs, outputName)) {
      throw new UnexpectedResponseError(
        `got the outputs ${list(Object.keys(outputs))}, expected "${outputName}"`,
        { remedy: `set ${this.settings.names('outputName')} to the output that contains the probabilities` },
      );
    }
    return readOutput(outputName, outputs[outputName]);
  }

  private async arrayInput(options: CallOptions): Promise<string> {
    return this.settings.inputName ?? (this.learntInputName ??= await this.learnInputName(options));
  }

  private async learnInputName(options: CallOptions): Promise<string> {
    const { inputs } = await this.modelMetadata(options);
    const arrays = Object.keys(inputs).filter((name) => inputs[name].dtype === 'DT_FLOAT');
    const [name] = arrays;
    if (arrays.length === 0) {
      throw new InvalidInputError(
        `got an array, but the model takes ${list(Object.keys(inputs).map((input) => `${input} (${inputs[input].dtype})`))}`,
        { remedy: 'send encoded images with predictImage' },
      );
    }
    if (arrays.length > 1) {
      throw new InvalidInputError(`the model takes several arrays (${list(arrays)})`, {
        remedy: `set ${this.settings.names('inputName')} to one of them`,
      });
    }
    return name;
  }
}

function asInput<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof TensorFormatError) {
      throw new InvalidInputError(error.message, { cause: error });
    }
    throw error;
  }
}

function list(names: readonly string[]): string {
  return names.length > 0 ? names.join(', ') : 'none';
}

function isTensor(input: readonly Uint8Array[] | FloatTensor): input is FloatTensor {
  return !Array.isArray(input);
}

function readOutput(name: string, proto: TensorProto__Output): FloatTensor {
  try {
    return tensorFromProto(proto);
  } catch (cause) {
    throw new UnexpectedResponseError(`the output "${name}" cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}
