import { readFile } from 'node:fs/promises';

import { topClasses, type Classification } from '../client/classification';
import { readServiceKey } from '../client/key-file';
import { PredictionClient } from '../client/prediction-client';
import type { PredictionClientOptions } from '../client/prediction-client-options';
import { UnauthenticatedError } from '../client/prediction-errors';
import type { WaitUntilReadyOptions } from '../client/readiness';
import { BrainwaveError } from '../errors/brainwave-error';
import { checkExpectation } from './expectation';
import { SmokeTestError } from './smoke-test-error';
import type { SmokeTestOptions, SmokeTestStage, SmokeTestStageName } from './smoke-test-options';
import type { SmokeTestReport } from './smoke-test-report';
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
  private readonly stages: SmokeTestStage[] = [];
  private readonly startedAt = new Date();
  private readonly started = performance.now();
  private classes: readonly Classification[] = [];
  private latency: SmokeTestReport['latency'];

  constructor(private readonly options: SmokeTestOptions) {}

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
    await this.stage('ready', async () => {
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
    await this.stage('score', () => this.score(client, image));
    await this.stage('expectation', () => Promise.resolve(checkExpectation(this.classes, expect)));
  }

  private async checkAuthentication(connection: PredictionClientOptions): Promise<void> {
    if (connection.key === undefined) {
      this.push('authentication', 'skipped', 0, 'no key is used: anybody who reaches the address can call');
      return;
    }
    await this.stage('authentication', async () => {
      await refuses({ ...connection, key: undefined }, 'a call without a key', this.options.signal);
      await refuses({ ...connection, key: WRONG_KEY }, 'a call with a wrong key', this.options.signal);
      return 'calls without a key and with a wrong one are refused';
    });
  }

  private async score(client: PredictionClient, image: Uint8Array): Promise<string> {
    const { signal, labels, warmCalls = DEFAULT_WARM_CALLS } = this.options;
    const timed = async () => {
      const before = performance.now();
      const probabilities = await client.predictImage(image, { ...(signal && { signal }) });
      return { probabilities, ms: round(performance.now() - before) };
    };
    const first = await timed();
    this.classes = topClasses(first.probabilities, { top: REPORTED_CLASSES, ...(labels && { labels }) });
    const warm: number[] = [];
    for (let call = 0; call < warmCalls; call += 1) {
      warm.push((await timed()).ms);
    }
    warm.sort((left, right) => left - right);
    this.latency = { first: first.ms, warm };
    const median = warm.at(Math.floor(warm.length / 2));
    return `first answer after ${first.ms} ms${median === undefined ? '' : `, then ${median} ms`}`;
  }

  private async stage(name: SmokeTestStageName, work: () => Promise<string>): Promise<void> {
    const before = performance.now();
    try {
      const detail = await work();
      this.push(name, 'passed', performance.now() - before, detail);
    } catch (error) {
      this.push(name, 'failed', performance.now() - before, messageOf(error));
      throw error;
    }
  }

  private push(
    name: SmokeTestStageName,
    outcome: SmokeTestStage['outcome'],
    durationMs: number,
    detail: string,
  ): void {
    const stage = { name, outcome, durationMs: round(durationMs), detail };
    this.stages.push(stage);
    this.options.onEvent?.({ kind: 'stage', stage });
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
      startedAt: this.startedAt.toISOString(),
      durationMs: round(performance.now() - this.started),
      target: { address, port, tls, ...(hostname !== undefined && { hostname }), key: keyFile !== undefined },
      stages: this.stages,
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
  return read('image', file);
}

async function readRoots(file: string): Promise<string> {
  return (await read('root certificate', file)).toString('utf8');
}

async function read(what: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new SmokeTestError(
      'SMOKE_TEST_INPUT',
      `cannot read the ${what} ${file} (${String((error as NodeJS.ErrnoException).code)})`,
      { cause: error },
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
