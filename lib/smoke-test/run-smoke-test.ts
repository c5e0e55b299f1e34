import { topClasses, type Classification } from '../client/classification';
import { readServiceKey } from '../client/key-file';
import { PredictionClient } from '../client/prediction-client';
import type { PredictionClientOptions } from '../client/prediction-client-options';
import { UnauthenticatedError } from '../client/prediction-errors';
import type { WaitUntilReadyOptions } from '../client/readiness';
import { BrainwaveError } from '../errors/brainwave-error';
import { checkExpectation } from './expectation';
import { SmokeTestError } from './smoke-test-error';
import { describeLatency, measureLatency } from './latency';
import { readInput } from './read-input';
import type { SmokeTestOptions } from './smoke-test-options';
import type { SmokeTestReport } from './smoke-test-report';
import { messageOf, StageLog } from './stage-log';
import { waitForRollout } from './wait-for-rollout';

const DEFAULT_READY_TIMEOUT_MS = 300_000;
const DEFAULT_WARM_CALLS = 5;
const REPORTED_CLASSES = 5;
/** No key of ours has this form: ours are 43 letters, digits, `-` and `_`. */
const WRONG_KEY = 'smoke-test.wrong-key';

/**
 * Tests a deployed service as its clients will use it: waits until it is ready, sees that keys are checked,
 * scores an image and holds the answer against what is expected.
 *
 * It does not throw where the service is at fault: the report says what failed and why.
 */
export async function runSmokeTest(options: SmokeTestOptions): Promise<SmokeTestReport> {
  const run = new SmokeTestRun(options);
  return run.run();
}

class SmokeTestRun {
  private readonly log: StageLog;
  private classes: readonly Classification[] = [];
  private latency: SmokeTestReport['latency'];

  constructor(private readonly options: SmokeTestOptions) {
    this.log = new StageLog(options.onEvent);
  }

  async run(): Promise<SmokeTestReport> {
    let failure: unknown;
    let client: PredictionClient | undefined;
    try {
      const connection = await connectionOptions(this.options);
      const image = await readImage(this.options.image);
      client = new PredictionClient(connection);
      await this.runStages(client, connection, image);
    } catch (error) {
      failure = error;
    } finally {
      client?.close();
    }
    return this.report(failure);
  }

  private async runStages(
    client: PredictionClient,
    connection: PredictionClientOptions,
    image: Uint8Array,
  ): Promise<void> {
    const { signal, expect = {}, rollout } = this.options;
    await this.log.stage('ready', async () => {
      const waiting: WaitUntilReadyOptions = {
        timeoutMs: this.options.readyTimeoutMs ?? DEFAULT_READY_TIMEOUT_MS,
        ...(signal && { signal }),
        onAttempt: ({ elapsedMs, reason }) => {
          this.options.onEvent?.({ kind: 'waiting', elapsedMs, reason: reason.message });
        },
      };
      if (rollout) {
        await waitForRollout(connection, rollout, waiting);
        return `the service answers with version ${rollout.modelVersion}`;
      }
      await client.waitUntilReady(waiting);
      return 'the service answers';
    });
    await this.checkAuthentication(connection);
    await this.log.stage('score', () => this.score(client, image));
    await this.log.stage('expectation', () => Promise.resolve(checkExpectation(this.classes, expect)));
  }

  private async checkAuthentication(connection: PredictionClientOptions): Promise<void> {
    if (connection.key === undefined) {
      this.log.skip('authentication', 'no key is used: anybody who reaches the address can call');
      return;
    }
    await this.log.stage('authentication', async () => {
      await refuses({ ...connection, key: undefined }, 'a call without a key', this.options.signal);
      await refuses({ ...connection, key: WRONG_KEY }, 'a call with a wrong key', this.options.signal);
      return 'calls without a key and with a wrong one are refused';
    });
  }

  private async score(client: PredictionClient, image: Uint8Array): Promise<string> {
    const { signal, labels, warmCalls = DEFAULT_WARM_CALLS } = this.options;
    this.latency = await measureLatency(
      () => client.predictImage(image, { ...(signal && { signal }) }),
      warmCalls,
      (probabilities) => {
        this.classes = topClasses(probabilities, { top: REPORTED_CLASSES, ...(labels && { labels }) });
      },
    );
    return describeLatency(this.latency);
  }

  private report(failure: unknown): SmokeTestReport {
    const { target, image, expect = {} } = this.options;
    const { address, port, tls, hostname, keyFile } = target;
    return {
      schemaVersion: 1,
      passed: failure === undefined,
      ...(failure !== undefined && {
        reason: messageOf(failure),
        code: failure instanceof BrainwaveError ? failure.code : 'UNEXPECTED',
      }),
      startedAt: this.log.startedAt,
      durationMs: this.log.durationMs,
      target: { address, port, tls, ...(hostname !== undefined && { hostname }), key: keyFile !== undefined },
      stages: this.log.stages,
      image: { path: image, topClasses: this.classes, expected: expect },
      ...(this.latency && { latency: this.latency }),
    };
  }
}

async function connectionOptions({ target, model }: SmokeTestOptions): Promise<PredictionClientOptions> {
  const { address, port, tls, hostname, keyFile, rootCertificateFile } = target;
  return {
    address: `${address.includes(':') ? `[${address}]` : address}:${port}`,
    plaintext: !tls,
    ...(hostname !== undefined && { hostname }),
    ...(model !== undefined && { modelName: model }),
    ...(tls && keyFile !== undefined && { key: await readServiceKey(keyFile) }),
    ...(tls &&
      rootCertificateFile !== undefined && { rootCertificates: await readRoots(rootCertificateFile) }),
  };
}

async function refuses(
  connection: PredictionClientOptions,
  what: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const client = new PredictionClient(connection);
  try {
    await client.modelStatus({ ...(signal && { signal }) });
  } catch (error) {
    if (error instanceof UnauthenticatedError) {
      return;
    }
    throw error;
  } finally {
    client.close();
  }
  throw new SmokeTestError(
    'AUTHENTICATION_OPEN',
    `${what} was answered: the service does not check keys; expected UNAUTHENTICATED: see that its keys are set`,
  );
}

async function readImage(file: string): Promise<Uint8Array> {
  return readInput('image', file);
}

async function readRoots(file: string): Promise<string> {
  return (await readInput('root certificate', file)).toString('utf8');
}
