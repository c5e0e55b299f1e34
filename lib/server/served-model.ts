import { stat } from 'node:fs/promises';

import { status } from '@grpc/grpc-js';

import type { ModelSpec, ModelSpec__Output } from '../wire/proto/types/tensorflow/serving/ModelSpec';
import { readServiceDefinition } from '../service-definition/zip-reader';
import { wireVersion } from '../wire/model-version';
import { Pipeline, type PipelineResources } from './pipeline';
import type { ModelSource } from './scoring-server-options';
import { StatusError } from './status-error';

/** TensorFlow Serving's name of the signature that is used unless another is named. */
export const SIGNATURE_NAME = 'serving_default';

/** Version number that clients such as ovmsclient send for the latest version. */
const LATEST = 0;

/** A loaded model under its name and version. */
export class ServedModel {
  /**
   * Loads a service definition.
   * @param signal ends the loading; the call rejects with the signal's reason
   * @throws ServiceDefinitionError, StageNotSupportedError or ModelLoadError where the model cannot run here
   */
  static async load(
    source: ModelSource,
    resources: PipelineResources | undefined,
    signal: AbortSignal,
  ): Promise<ServedModel> {
    // Before the file is read: one that is replaced meanwhile must not pass for the one that was read.
    const identity = await identify(source, resources);
    const content = await readServiceDefinition(source.path);
    signal.throwIfAborted();
    const pipeline = await Pipeline.load(content, resources, signal);
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

  /** Whether loading this would give the same again; a file of other content is another model. */
  async isCurrent(source: ModelSource, resources: PipelineResources | undefined): Promise<boolean> {
    return this.identity === (await identify(source, resources));
  }

  /** Runs work on the model, which stays loaded until the work has ended. */
  async use<T>(work: (pipeline: Pipeline) => Promise<T>): Promise<T> {
    this.users += 1;
    try {
      return await work(this.pipeline);
    } finally {
      this.users -= 1;
      this.closeWhenUnused();
    }
  }

  /** Unloads the model as soon as nobody uses it. @returns when it is unloaded */
  retire(): Promise<void> {
    this.retired = true;
    this.closeWhenUnused();
    return this.closed;
  }

  /**
   * Whether a call asks for this model. An empty name, no version, version 0 (the latest) and this one are right.
   * @throws StatusError NOT_FOUND
   */
  requireMatch(spec: ModelSpec__Output | null): void {
    requireModelMatch(spec, this.name, this.version);
  }

  /** The model as answers name it. */
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
 * Whether a call asks for the model of this name and version.
 * @throws StatusError NOT_FOUND
 */
export function requireModelMatch(spec: ModelSpec__Output | null, name: string, version: string): void {
  const askedName = spec?.name ?? '';
  if (askedName !== '' && askedName !== name) {
    throw new StatusError(
      status.NOT_FOUND,
      `there is no model "${askedName}" here; this server has "${name}" (leave the name empty for it)`,
    );
  }
  const number = spec?.version?.value ?? LATEST;
  if (number !== LATEST && number !== wireVersion(version)) {
    throw new StatusError(
      status.NOT_FOUND,
      `model "${name}" has no version ${number} here; this server has ${version} (number ${wireVersion(version)})`,
    );
  }
  const label = spec?.versionLabel ?? '';
  if (label !== '' && label !== version) {
    throw new StatusError(
      status.NOT_FOUND,
      `model "${name}" has no version with the label "${label}" here; the known label is "${version}" ` +
        '(set no version for the latest)',
    );
  }
}

async function identify(
  { name, version = '1', path }: ModelSource,
  resources: PipelineResources = {},
): Promise<string> {
  // Who reads the file says what is wrong with it.
  const file = await stat(path).catch(() => undefined);
  return JSON.stringify([
    [name, version, path],
    [file?.ino, file?.size, file?.mtimeMs],
    Object.entries(resources).sort(),
  ]);
}
