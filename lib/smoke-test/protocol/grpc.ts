import { PredictionClient, type ModelVersionState } from '../../client/prediction-client';
import type { PredictionClientOptions } from '../../client/prediction-client-options';
import { InvalidInputError, UnauthenticatedError } from '../../errors/prediction-errors';
import type { WaitUntilReadyOptions } from '../../client/readiness';
import { isMissingMethod } from '../../client/service-caller';
import { formatAddress } from '../../connection/address';
import { wireVersion } from '../../wire/model-version';
import { clientOptionNames } from '../client-option-names';
import { ImageAnswer } from '../image-answer';
import { OutputAnswer } from '../output-answer';
import type { ResolvedTarget } from '../target';
import { SmokeTestError } from '../smoke-test-error';
import type { Rollout } from '../smoke-test-options';
import { describeOthers, waitForRollout } from '../wait-for-rollout';
import type { Answer, Readiness, ScoringProtocol } from './scoring-protocol';

/** Scores images in the protocol of TensorFlow Serving, over gRPC or REST. */
export class GrpcScoring implements ScoringProtocol {
  private readonly client: PredictionClient;
  private readonly options: PredictionClientOptions;
  /** Version of the model that must be served. */
  private readonly wanted: string | undefined;

  constructor(
    private readonly target: ResolvedTarget,
    private readonly labels: readonly string[] | undefined,
    private readonly revision: string | undefined,
    private readonly rollout: Rollout | undefined,
    callTimeoutSeconds: number | undefined,
    /** Whether the output is checked as numbers rather than as the probabilities of classes. */
    private readonly asOutput: boolean,
  ) {
    const { protocol, address, path, serverName, tls, key, deployment, modelName, modelVersion, outputName } =
      target;
    this.wanted = modelVersion;
    this.options = {
      address: protocol === 'rest' ? `https://${formatAddress(address)}${path}` : formatAddress(address),
      serverName,
      plaintext: tls === undefined,
      // A retry would hide the problems that the test must find.
      retry: { maxAttempts: 1 },
      rootCertificates: tls?.rootCertificates,
      clientCertificate: tls?.clientCertificate,
      key,
      deployment,
      modelName,
      outputName,
      deadlineMs: callTimeoutSeconds === undefined ? undefined : callTimeoutSeconds * 1000,
      optionNames: clientOptionNames(target.names),
    };
    this.client = new PredictionClient(this.options);
  }

  async waitUntilReady(waiting: WaitUntilReadyOptions): Promise<Readiness> {
    const { client, options, revision, rollout } = this;
    if (revision !== undefined && rollout) {
      await waitForRollout(client, options, revision, rollout, waiting);
    } else {
      await client.waitUntilReady(waiting);
      await this.requireRevision(waiting.signal);
    }
    const versions = await this.versions(waiting.signal);
    const available = versions
      .filter(({ state }) => state === 'AVAILABLE')
      .map(({ version }) => this.asWanted(version));
    const name = this.options.modelName;
    const served = `the service serves${name === undefined ? '' : ` model ${name}`}`;
    if (available.length === 0) {
      return { detail: served };
    }
    const detail = `${served} version ${available.join(', ')}`;
    if (this.wanted !== undefined && !available.includes(this.wanted)) {
      throw new SmokeTestError('EXPECTATION_FAILED', `${detail}, expected ${inProtocol(this.wanted)}`, {
        remedy:
          'check that the deployment has reached the service and that no later one has replaced it' +
          (rollout?.inspect === undefined ? '' : `: ${rollout.inspect}`),
      });
    }
    return { detail, model: { name: name ?? '', versions: available } };
  }

  private async requireRevision(signal: AbortSignal | undefined): Promise<void> {
    if (this.revision === undefined) {
      return;
    }
    const problem = describeOthers([await this.client.servedRevision({ signal })], this.revision);
    if (problem !== undefined) {
      throw new SmokeTestError('EXPECTATION_FAILED', problem, {
        remedy: 'check that the deployment has reached the service and that no later one has replaced it',
      });
    }
  }

  /** Versions in the protocol are numbers. The expected version is shown as it was set. */
  private asWanted(version: number): string {
    return this.wanted !== undefined && wireVersion(this.wanted) === version ? this.wanted : String(version);
  }

  async callWithKey(key: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    // A server may close the connections of callers without a valid key.
    const client = key === this.options.key ? this.client : new PredictionClient({ ...this.options, key });
    try {
      await client.modelStatus({ signal });
    } catch (error) {
      // A server without this method checks the key before it reports that the method is missing.
      if (!isMissingMethod(error)) {
        throw error;
      }
    } finally {
      if (client !== this.client) {
        client.close();
      }
    }
  }

  async score(image: Uint8Array, signal: AbortSignal | undefined): Promise<Answer> {
    return this.asOutput
      ? this.sent(this.scoreOutput(image, signal))
      : new ImageAnswer(await this.sent(this.client.predictImage(image, { signal })), this.labels);
  }

  private async scoreOutput(image: Uint8Array, signal: AbortSignal | undefined): Promise<Answer> {
    const { outputName } = this.options;
    const outputs = await this.client.predictOutputs([image], outputName === undefined ? [] : [outputName], {
      signal,
    });
    const [[name, tensor] = [], ...others] = outputs;
    if (name === undefined || tensor === undefined || others.length > 0) {
      throw new SmokeTestError(
        'EXPECTATION_FAILED',
        `got the outputs ${[...outputs.keys()].join(', ') || 'none'}, expected one`,
        { remedy: `set ${this.target.names('target.outputName')} to the output to check` },
      );
    }
    return new OutputAnswer(name, tensor);
  }

  private async sent<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      // An image that is too large for a message is not sent. It fails like an image that the service rejects.
      if (error instanceof InvalidInputError && error.grpcStatus === undefined) {
        const { finding, remedy, cause } = error;
        throw new SmokeTestError('EXPECTATION_FAILED', `the image was not sent: ${finding}`, {
          remedy,
          cause,
        });
      }
      throw error;
    }
  }

  close(): void {
    this.client.close();
  }

  /** Empty if the service does not report versions, or not to callers with this key. */
  private async versions(signal: AbortSignal | undefined): Promise<ModelVersionState[]> {
    try {
      return await this.client.modelStatus({ signal });
    } catch (error) {
      // The next check reports the key.
      if (isMissingMethod(error) || error instanceof UnauthenticatedError) {
        return [];
      }
      throw error;
    }
  }
}

/** A version as it was set and, if it is not a number, as the protocol carries it, to compare with served ones. */
function inProtocol(version: string): string {
  const number = String(wireVersion(version));
  return number === version ? version : `${version} (${number} in the protocol)`;
}
