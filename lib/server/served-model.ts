import { stat } from 'node:fs/promises';

import { GrpcStatus as status } from '../errors/grpc-status';
import type { ModelSpec, ModelSpec__Output } from '../wire/proto/types/tensorflow/serving/ModelSpec';
import { readServiceDefinition } from '../service-definition/zip-reader';
import { wireVersion } from '../wire/model-version';
import { Pipeline, type PipelineResources } from './pipeline';
import type { StageObserver } from './pipeline/stage-run';
import type { ModelSource } from './scoring-server-options';
import { StatusError } from './status-error';

/** Name of TensorFlow Serving's default signature. */
export const SIGNATURE_NAME = 'serving_default';

/** Version number that clients such as ovmsclient send for the latest version. */
const LATEST = 0;

/** A loaded model with its name and version. */
export class ServedModel {
  /**
   * Loads a service definition.
   * @param signal aborts the loading; the call rejects with the signal's reason
   * @param observe called for each run of a stage
   * @throws ServiceDefinitionError, StageNotSupportedError or ModelLoadError if the model cannot run here
   */
  static async load(
    source: ModelSource,
    resources: PipelineResources | undefined,
    signal: AbortSignal,
    observe: StageObserver,
  ): Promise<ServedModel> {
    // Runs before the file is read, so that a file that is replaced meanwhile counts as changed.
    const identity = await identify(source, resources);
    const content = await readServiceDefinition(source.path);
    signal.throwIfAborted();
    const pipeline = await Pipeline.load(content, resources, signal, observe);
    return new ServedModel(source.name, source.version ?? '1', pipeline, content.labels, identity);
  }

  private users = 0;
  private retired = false;
  private readonly closed: Promise<void>;
  private markClosed: (closed: Promise<void>) => void = () => undefined;

  private constructor(
    readonly name: string,
    readonly version: string,
    readonly pipeline: Pipeline,
    /** Class names, class 0 first; undefined if the service definition has none. */
    readonly labels: readonly string[] | undefined,
    private readonly identity: string,
  ) {
    this.closed = new Promise((resolve) => {
      this.markClosed = resolve;
    });
  }

  /** Returns whether loading the source again would result in the same model. A changed file is another model. */
  async isCurrent(source: ModelSource, resources: PipelineResources | undefined): Promise<boolean> {
    return this.identity === (await identify(source, resources));
  }

  /** Runs work on the model and keeps the model loaded until the work has ended. */
  async use<T>(work: (pipeline: Pipeline) => Promise<T>): Promise<T> {
    this.users += 1;
    try {
      return await work(this.pipeline);
    } finally {
      this.users -= 1;
      this.closeWhenUnused();
    }
  }

  /** Unloads the model as soon as it is no longer in use. Resolves when it is unloaded. */
  retire(): Promise<void> {
    this.retired = true;
    this.closeWhenUnused();
    return this.closed;
  }

  /**
   * Checks that a request is for this model. The name and the version may be empty, and version 0 is the latest.
   * @throws StatusError NOT_FOUND if it is for another model or version
   */
  requireMatch(spec: ModelSpec__Output | null): void {
    requireModelMatch(spec, this.name, this.version);
  }

  /** Model specification for responses. */
  get spec(): ModelSpec {
    return { name: this.name, version: { value: wireVersion(this.version) }, signatureName: SIGNATURE_NAME };
  }

  private closeWhenUnused(): void {
    if (this.retired && this.users === 0) {
      this.markClosed(this.pipeline.close());
    }
  }
}

/**
 * Checks that a request is for the model with this name and version.
 * @throws StatusError NOT_FOUND if it is for another model or version
 */
export function requireModelMatch(spec: ModelSpec__Output | null, name: string, version: string): void {
  const askedName = spec?.name ?? '';
  if (askedName !== '' && askedName !== name) {
    throw new StatusError(
      status.NOT_FOUND,
      `unknown model "${askedName}"; this server serves "${name}" (also if the name is empty)`,
    );
  }
  const number = spec?.version?.value ?? LATEST;
  if (number !== LATEST && number !== wireVersion(version)) {
    throw new StatusError(
      status.NOT_FOUND,
      `unknown version ${number} of model "${name}"; this server serves ${version} (number ${wireVersion(version)})`,
    );
  }
  const label = spec?.versionLabel ?? '';
  if (label !== '' && label !== version) {
    throw new StatusError(
      status.NOT_FOUND,
      `unknown version label "${label}" of model "${name}"; expected "${version}", or no version for the latest`,
    );
  }
}

async function identify(
  { name, version = '1', path }: ModelSource,
  resources: PipelineResources = {},
): Promise<string> {
  // If the file is missing, reading it reports the problem.
  const file = await stat(path).catch(() => undefined);
  return JSON.stringify([
    [name, version, path],
    [file?.ino, file?.size, file?.mtimeMs],
    Object.entries(resources).sort(),
  ]);
}
