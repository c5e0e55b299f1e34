import { PredictionClient, type ModelVersionState } from '../../client/prediction-client';
import type { PredictionClientOptions } from '../../client/prediction-client-options';
import { InvalidInputError, UnauthenticatedError } from '../../errors/prediction-errors';
import type { WaitUntilReadyOptions } from '../../client/readiness';
import { isMissingMethod } from '../../client/service-caller';
import { formatAddress } from '../../connection/address';
import { wireVersion } from '../../wire/model-version';
import { ImageAnswer, type Answer } from '../answer';
import type { ResolvedTarget } from '../target';
import { SmokeTestError } from '../smoke-test-error';
import { waitForRollout, type Rollout } from '../wait-for-rollout';
import type { Readiness, ScoringProtocol } from './scoring-protocol';

/** Scores images by the protocol of TensorFlow Serving. */
export class GrpcScoring implements ScoringProtocol {
  private readonly client: PredictionClient;
  private readonly options: PredictionClientOptions;

  private readonly wanted: string | undefined;

  constructor(
    { address, serverName, tls, key, model, modelVersion }: ResolvedTarget,
    private readonly labels: readonly string[] | undefined,
    private readonly rollout: Rollout | undefined,
    callTimeoutMs: number | undefined,
  ) {
    this.wanted = modelVersion;
    this.options = {
      address: formatAddress(address),
      hostname: serverName,
      plaintext: tls === undefined,
      // A retry would hide what the test is to find.
      retry: { maxAttempts: 1 },
      rootCertificates: tls?.rootCertificates,
      clientCertificate: tls?.clientCertificate,
      key,
      modelName: model,
      deadlineMs: callTimeoutMs,
    };
    this.client = new PredictionClient(this.options);
  }

  async waitUntilReady(waiting: WaitUntilReadyOptions): Promise<Readiness> {
    if (this.rollout) {
      await waitForRollout(this.options, this.rollout, waiting);
    } else {
      await this.client.waitUntilReady(waiting);
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
      throw new SmokeTestError('EXPECTATION_FAILED', `${detail}, expected ${this.wanted}`, {
        remedy: 'see whether the deployment has reached it, and whether another has replaced it since',
      });
    }
    return { detail, model: { name: name ?? '', versions: available } };
  }

  /** On the wire versions are numbers: the one that is wanted is named as it was given. */
  private asWanted(version: number): string {
    return this.wanted !== undefined && wireVersion(this.wanted) === version ? this.wanted : String(version);
  }

  async callWithKey(key: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    const client = new PredictionClient({ ...this.options, key });
    try {
      await client.modelStatus({ signal });
    } catch (error) {
      // Whatever has no such method has looked at the key before it said so.
      if (!isMissingMethod(error)) {
        throw error;
      }
    } finally {
      client.close();
    }
  }

  async score(image: Uint8Array, signal: AbortSignal | undefined): Promise<Answer> {
    return new ImageAnswer(await this.predict(image, signal), this.labels);
  }

  private async predict(image: Uint8Array, signal: AbortSignal | undefined): Promise<Float32Array> {
    try {
      return await this.client.predictImage(image, { signal });
    } catch (error) {
      // An image that is larger than a message may be is not sent: it fails like one that the service refuses.
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

  /** None where the service does not say it, or says it to callers with another key alone. */
  private async versions(signal: AbortSignal | undefined): Promise<ModelVersionState[]> {
    try {
      return await this.client.modelStatus({ signal });
    } catch (error) {
      // The next check tells of the key.
      if (isMissingMethod(error) || error instanceof UnauthenticatedError) {
        return [];
      }
      throw error;
    }
  }
}
