import { findProbabilityProblem } from '../client/probabilities';
import { topClasses } from '../client/classification';
import { PredictionClient } from '../client/prediction-client';
import { resolveOptions, type PredictionClientOptions } from '../client/prediction-client-options';
import { isMissingMethod, type CallOptions } from '../client/service-caller';
import { formatAddress } from '../connection/address';
import { diagnoseConnection } from '../connection/connection-diagnosis';
import type { ServedCertificate } from '../connection/served-certificate';
import { BrainwaveError } from '../errors/brainwave-error';
import { InvalidInputError } from '../errors/prediction-errors';
import { daysBetween } from '../tls/validity';
import type { ModelMetadata } from '../wire/model-metadata';
import { wireVersion } from '../wire/model-version';
import type { FloatTensor } from '../wire/tensor';
import { parseArray } from './array-input';
import type {
  CertificateDescription,
  ModelInput,
  OutputDescription,
  PredictionResult,
  Problem,
  ServedModelDescription,
  ServiceStatus,
} from './protocol';

/** How to call the service, and the labels of its classes. */
export interface ServiceSettings {
  readonly clientOptions: PredictionClientOptions;
  /** Undefined if the class names are unknown. */
  readonly labels?: readonly string[] | undefined;
  /** Version that was deployed, for which the protocol has only a number. Undefined if it is unknown. */
  readonly modelVersion?: string | undefined;
}

/** Maximum duration of a call that asks for the status. */
const STATUS_CALL_MS = 3_000;
/** Time between two attempts with a key that was refused: servers slow down callers that fail often. */
const REFUSED_KEY_INTERVAL_MS = 15_000;
const TOP = 5;
/** Numbers of an output that the page shows. */
const SHOWN_VALUES = 12;

/**
 * Connection of the playground to the service. After a failure, it reads the settings again: a local service that was deployed
 * again has another port, other keys and another certificate.
 */
export class ServiceConnection {
  private client: PredictionClient;
  private model: ServedModelDescription | undefined;
  private certificate: ServedCertificate | undefined;
  private last: Pick<ServiceStatus, 'state' | 'problem'> | undefined;
  private keyRefusedAt = -Infinity;
  private pending: Promise<ServiceStatus> | undefined;

  /**
   * Reads the settings. Makes no connection.
   * @param readSettings finds the service and reads its files
   * @throws the error of `readSettings`, and InvalidInputError if the options of the client are invalid
   */
  static async open(readSettings: () => Promise<ServiceSettings>): Promise<ServiceConnection> {
    return new ServiceConnection(readSettings, await readSettings());
  }

  private constructor(
    private readonly readSettings: () => Promise<ServiceSettings>,
    private settings: ServiceSettings,
  ) {
    this.client = createClient(settings);
  }

  /** `host:port` of the service. */
  get address(): string {
    return formatAddress(resolveOptions(this.settings.clientOptions).address);
  }

  /** Asks the service for its state. Concurrent callers share the answer. Rejects only with defects. */
  status(): Promise<ServiceStatus> {
    this.pending ??= this.look().finally(() => {
      this.pending = undefined;
    });
    return this.pending;
  }

  /** @throws BrainwaveError */
  async scoreImage(image: Uint8Array, options: CallOptions): Promise<PredictionResult> {
    if (image.length === 0) {
      throw new InvalidInputError('got a file of 0 bytes, expected an encoded image (JPEG, PNG, …)');
    }
    return this.score([image], options);
  }

  /**
   * Scores an array.
   * @param json the array as JSON, with or without the batch dimension
   * @throws BrainwaveError
   */
  async scoreArray(json: string, options: CallOptions): Promise<PredictionResult> {
    const input = this.model?.input;
    return this.score(parseArray(json, input?.kind === 'array' ? input.shape : undefined), options);
  }

  close(): void {
    this.client.close();
  }

  private async score(
    input: readonly Uint8Array[] | FloatTensor,
    options: CallOptions,
  ): Promise<PredictionResult> {
    const started = performance.now();
    const outputs = await this.client.predictOutputs(input, [], options);
    const latencyMs = performance.now() - started;
    return { latencyMs, ...describeOutputs(outputs, this.settings) };
  }

  private async look(): Promise<ServiceStatus> {
    if (this.last?.problem) {
      await this.reconnect();
    }
    const found = await this.inspect();
    if (found.state !== this.last?.state || found.problem?.code !== this.last.problem?.code) {
      await this.inspectCertificate();
    }
    this.last = found;
    const { address, serverName, tls } = resolveOptions(this.settings.clientOptions);
    return {
      address: this.address,
      serverName: serverName === address.host ? undefined : serverName,
      tls: tls !== undefined,
      ...found,
      model: this.model && { ...this.model, version: this.versionOf(this.model) },
      certificate: this.certificate && describeCertificate(this.certificate),
    };
  }

  private async inspect(): Promise<Pick<ServiceStatus, 'state' | 'problem'>> {
    const options = { deadlineMs: STATUS_CALL_MS };
    try {
      const state = await this.client.health(options).catch((error: unknown) => {
        if (isMissingMethod(error)) {
          return 'SERVING';
        }
        throw error;
      });
      if (state !== 'SERVING') {
        return {
          state: 'not-serving',
          problem: {
            code: 'UNAVAILABLE',
            message: `the service responds, but is ${state}: it is loading its model or shutting down`,
          },
        };
      }
    } catch (error) {
      return { state: 'unreachable', problem: asProblem(error) };
    }
    try {
      if (performance.now() - this.keyRefusedAt < REFUSED_KEY_INTERVAL_MS) {
        return { state: 'serving', problem: this.last?.problem };
      }
      await this.inspectModel(options);
      return { state: 'serving' };
    } catch (error) {
      const problem = asProblem(error);
      if (problem.code === 'UNAUTHENTICATED') {
        this.keyRefusedAt = performance.now();
      }
      return { state: 'serving', problem };
    }
  }

  /** The name of the version, if the service still serves the one that was deployed. */
  private versionOf({ version }: ServedModelDescription): string | undefined {
    const { modelVersion } = this.settings;
    return modelVersion !== undefined && version === String(wireVersion(modelVersion))
      ? modelVersion
      : version;
  }

  /** The metadata changes only with the revision or the version. */
  private async inspectModel(options: CallOptions): Promise<void> {
    const versions = await optional(this.client.modelStatus(options));
    const served = await optional(this.client.servedRevision(options));
    const version = versions?.find(({ state }) => state === 'AVAILABLE')?.version.toString();
    const known = this.model;
    if (known && known.version === version && known.revision === served?.revision && !this.last?.problem) {
      return;
    }
    const metadata = await optional(this.client.modelMetadata(options));
    this.model = {
      name: metadata?.modelName ?? this.settings.clientOptions.modelName ?? '',
      version: version ?? metadata?.modelVersion?.toString(),
      revision: served?.revision,
      input: inputOf(metadata),
    };
    await this.inspectCertificate();
  }

  private async inspectCertificate(): Promise<void> {
    const settings = resolveOptions(this.settings.clientOptions);
    if (!settings.tls) {
      this.certificate = undefined;
      return;
    }
    const diagnosis = await diagnoseConnection(settings, STATUS_CALL_MS);
    // Unreachable services keep the last one, which says whose certificate it was.
    if ('session' in diagnosis) {
      this.certificate = diagnosis.session?.certificate;
    }
  }

  private async reconnect(): Promise<void> {
    let settings: ServiceSettings;
    try {
      settings = await this.readSettings();
      if (sameSettings(settings, this.settings)) {
        return;
      }
      const client = createClient(settings);
      this.client.close();
      this.client = client;
    } catch {
      // A service that was stopped or destroyed. The call that follows reports what that means to callers.
      return;
    }
    this.settings = settings;
    this.model = undefined;
    this.keyRefusedAt = -Infinity;
  }
}

/** Without retries: they would add to the latency that the page shows, and delay its errors. */
function createClient({ clientOptions }: ServiceSettings): PredictionClient {
  return new PredictionClient({ ...clientOptions, retry: { maxAttempts: 1 } });
}

function sameSettings(left: ServiceSettings, right: ServiceSettings): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** @returns undefined if the server does not implement the method */
async function optional<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isMissingMethod(error)) {
      return undefined;
    }
    throw error;
  }
}

/** A model that takes both is tried with images. */
function inputOf(metadata: ModelMetadata | undefined): ModelInput {
  const inputs = Object.entries(metadata?.inputs ?? {});
  const array = inputs.find(([, { dtype }]) => dtype === 'DT_FLOAT');
  return array && !inputs.some(([, { dtype }]) => dtype === 'DT_STRING')
    ? { kind: 'array', name: array[0], shape: array[1].shape }
    : { kind: 'image' };
}

function describeOutputs(
  outputs: ReadonlyMap<string, FloatTensor>,
  { clientOptions, labels }: ServiceSettings,
): Omit<PredictionResult, 'latencyMs'> {
  const described = [...outputs].map(([name, { shape, data }]): OutputDescription => ({
    name,
    shape,
    values: Array.from(data.subarray(0, SHOWN_VALUES)),
  }));
  const [only, ...others] = outputs.values();
  const row =
    outputs.get(clientOptions.outputName ?? 'output_alias') ?? (others.length === 0 ? only : undefined);
  if (row?.shape.length !== 2 || row.shape[0] !== 1) {
    return { outputs: described };
  }
  const problem = findProbabilityProblem(row.data);
  return {
    classes: topClasses(row.data, { labels, top: TOP }),
    warning: problem && `${problem.finding}; ${problem.remedy}`,
    outputs: described,
  };
}

function describeCertificate({
  subject,
  issuer,
  hostNames,
  addresses,
  validTo,
}: ServedCertificate): CertificateDescription {
  return {
    subject,
    issuer,
    names: [...hostNames, ...addresses],
    validTo: validTo.toISOString(),
    daysLeft: daysBetween(new Date(), validTo),
  };
}

/** Describes an error for the page. Defects have no message for users. */
export function asProblem(error: unknown): Problem {
  if (error instanceof BrainwaveError) {
    return { code: error.code, message: error.message };
  }
  throw error;
}
