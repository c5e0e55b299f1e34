import { status } from '@grpc/grpc-js';

import type { ModelSpec, ModelSpec__Output } from '../proto/types/tensorflow/serving/ModelSpec';
import { wireVersion } from './model-version';
import type { Pipeline } from './pipeline';
import { StatusError } from './status-error';

/** A loaded model under its name and version. */
export class ServedModel {
  private users = 0;
  private retired = false;

  constructor(
    readonly name: string,
    readonly version: string,
    readonly pipeline: Pipeline,
  ) {}

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

  /** Unloads the model as soon as nobody uses it. */
  retire(): void {
    this.retired = true;
    this.closeWhenUnused();
  }

  /**
   * Whether a call asks for this model. An empty name, no version and this one are right.
   * @throws StatusError NOT_FOUND
   */
  requireMatch(spec: ModelSpec__Output | null): void {
    const name = spec?.name ?? '';
    if (name !== '' && name !== this.name) {
      throw new StatusError(
        status.NOT_FOUND,
        `there is no model "${name}" here; this server has "${this.name}" (leave the name empty for it)`,
      );
    }
    const version = spec?.version?.value ?? spec?.versionLabel;
    if (version !== undefined && version !== this.version && version !== wireVersion(this.version)) {
      throw new StatusError(
        status.NOT_FOUND,
        `model "${this.name}" has no version ${version} here; ` +
          `this server has ${this.version} (number ${wireVersion(this.version)})`,
      );
    }
  }

  /** The model as answers name it. */
  get spec(): ModelSpec {
    return { name: this.name, version: { value: wireVersion(this.version) }, signatureName: SIGNATURE_NAME };
  }

  private closeWhenUnused(): void {
    if (this.retired && this.users === 0) {
      void this.pipeline.close();
    }
  }
}

/** TensorFlow Serving's name of the signature that is used unless another is named. */
export const SIGNATURE_NAME = 'serving_default';
