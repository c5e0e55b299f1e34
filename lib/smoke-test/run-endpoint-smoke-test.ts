import { readServiceKey } from '../client/key-file';
import { UnauthenticatedError, UnavailableError } from '../client/prediction-errors';
import { waitForReadiness } from '../client/readiness';
import { BrainwaveError } from '../errors/brainwave-error';
import { checkAnswer, requireJsonPath, type AnswerExpectation } from './answer-expectation';
import { postJson, type EndpointAnswer, type EndpointConnection } from './endpoint-client';
import type { EndpointSmokeTestReport } from './endpoint-smoke-test-report';
import { describeLatency, measureLatency, type Latency } from './latency';
import { readInput } from './read-input';
import { SmokeTestError } from './smoke-test-error';
import type { SmokeTestOptions } from './smoke-test-options';
import { messageOf, StageLog } from './stage-log';

const DEFAULT_READY_TIMEOUT_MS = 300_000;
const DEFAULT_WARM_CALLS = 5;
const REPORTED_ANSWER = 4096;
/** No key of ours has this form: ours are 43 letters, digits, `-` and `_`. */
const WRONG_KEY = 'smoke-test.wrong-key';
/** What a router says while the deployment behind it starts. */
const NOT_READY = [404, 429, 502, 503, 504];

/** The endpoint to test. Secrets are named by their files, which are read when the test runs. */
export interface EndpointTarget {
  /** `https://…/score` */
  readonly scoringUri: string;
  /**
   * Holds `{"primaryKey","secondaryKey"}`, or a key alone.
   * @default - calls carry no key
   */
  readonly keyFile?: string;
  /**
   * PEM: what to trust.
   * @default - the public roots
   */
  readonly rootCertificateFile?: string;
}

export interface EndpointSmokeTestOptions extends Pick<
  SmokeTestOptions,
  'readyTimeoutMs' | 'warmCalls' | 'signal' | 'onEvent'
> {
  readonly target: EndpointTarget;
  /** The file with the JSON to post. */
  readonly request: string;
  /** @default - the answer must be JSON, whatever it says */
  readonly expect?: AnswerExpectation;
}

/**
 * Tests an online endpoint as its clients will use it: waits until it answers, sees that keys are checked, posts a
 * request and holds the answer against what is expected.
 *
 * It does not throw where the endpoint is at fault: the report says what failed and why.
 */
export async function runEndpointSmokeTest(
  options: EndpointSmokeTestOptions,
): Promise<EndpointSmokeTestReport> {
  return new EndpointSmokeTestRun(options).run();
}

class EndpointSmokeTestRun {
  private readonly log: StageLog;
  private answer: string | undefined;
  private latency: Latency | undefined;

  constructor(private readonly options: EndpointSmokeTestOptions) {
    this.log = new StageLog(options.onEvent);
  }

  async run(): Promise<EndpointSmokeTestReport> {
    let failure: unknown;
    try {
      const { request, expect = {} } = this.options;
      requireJsonPath(expect.jsonPath ?? '$');
      const connection = await connectionOf(this.options.target);
      await this.runStages(connection, await readInput('request', request), expect);
    } catch (error) {
      failure = error;
    }
    return this.report(failure);
  }

  private async runStages(
    connection: EndpointConnection,
    body: Uint8Array,
    expect: AnswerExpectation,
  ): Promise<void> {
    const {
      signal,
      readyTimeoutMs = DEFAULT_READY_TIMEOUT_MS,
      warmCalls = DEFAULT_WARM_CALLS,
    } = this.options;
    const post = () => postJson(connection, body, signal);
    await this.log.stage('ready', async () => {
      await waitForReadiness(
        async () => {
          requireReady(await post());
        },
        {
          timeoutMs: readyTimeoutMs,
          ...(signal && { signal }),
          onAttempt: ({ elapsedMs, reason }) => {
            this.options.onEvent?.({ kind: 'waiting', elapsedMs, reason: reason.message });
          },
        },
      );
      return 'the endpoint answers';
    });
    if (connection.key === undefined) {
      this.log.skip('authentication', 'no key is used: anybody who reaches the address can call');
    } else {
      await this.log.stage('authentication', async () => {
        await refuses({ ...connection, key: undefined }, body, 'a call without a key', signal);
        await refuses({ ...connection, key: WRONG_KEY }, body, 'a call with a wrong key', signal);
        return 'calls without a key and with a wrong one are refused';
      });
    }
    await this.log.stage('score', async () => {
      const score = async () => requireScored(await post());
      this.latency = await measureLatency(score, warmCalls, (answer) => {
        this.answer = answer;
      });
      return describeLatency(this.latency);
    });
    await this.log.stage('expectation', () => Promise.resolve(checkAnswer(this.answer ?? '', expect)));
  }

  private report(failure: unknown): EndpointSmokeTestReport {
    const { target, request, expect = {} } = this.options;
    return {
      schemaVersion: 1,
      passed: failure === undefined,
      ...(failure !== undefined && {
        reason: messageOf(failure),
        code: failure instanceof BrainwaveError ? failure.code : 'UNEXPECTED',
      }),
      startedAt: this.log.startedAt,
      durationMs: this.log.durationMs,
      target: { scoringUri: target.scoringUri, key: target.keyFile !== undefined },
      stages: this.log.stages,
      request: {
        path: request,
        ...(this.answer !== undefined && { answer: this.answer.slice(0, REPORTED_ANSWER) }),
        expected: expect,
      },
      ...(this.latency && { latency: this.latency }),
    };
  }
}

async function connectionOf({
  scoringUri,
  keyFile,
  rootCertificateFile,
}: EndpointTarget): Promise<EndpointConnection> {
  const uri = URL.canParse(scoringUri) ? new URL(scoringUri) : undefined;
  if (!uri || !/^https?:$/.test(uri.protocol)) {
    throw new SmokeTestError(
      'SMOKE_TEST_INPUT',
      `the scoring URI is "${scoringUri}"; expected one such as https://scoring.example.com/score`,
    );
  }
  if (keyFile !== undefined && uri.protocol === 'http:') {
    throw new SmokeTestError(
      'SMOKE_TEST_INPUT',
      `the scoring URI is "${scoringUri}", over which everybody on the way could read the key; ` +
        'use https, or leave out the key',
    );
  }
  return {
    scoringUri: uri,
    ...(keyFile !== undefined && { key: await readServiceKey(keyFile) }),
    ...(rootCertificateFile !== undefined && {
      rootCertificates: (await readInput('root certificate', rootCertificateFile)).toString('utf8'),
    }),
  };
}

function requireReady(answer: EndpointAnswer): void {
  const { status } = answer;
  if (isRefusal(status)) {
    throw new UnauthenticatedError(`the key is refused: ${describe(answer)}`);
  }
  if (NOT_READY.includes(status)) {
    throw new UnavailableError(`the endpoint is not ready: ${describe(answer)}`);
  }
}

function requireScored(answer: EndpointAnswer): string {
  if (answer.status < 200 || answer.status > 299) {
    throw new SmokeTestError('EXPECTATION_FAILED', `the request was not scored: ${describe(answer)}`);
  }
  return answer.text;
}

async function refuses(
  connection: EndpointConnection,
  body: Uint8Array,
  what: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const answer = await postJson(connection, body, signal);
  if (!isRefusal(answer.status)) {
    throw new SmokeTestError(
      'AUTHENTICATION_OPEN',
      `${what} got status ${answer.status}: the endpoint does not check keys; expected 401: see that its keys are set`,
    );
  }
}

function isRefusal(status: number): boolean {
  return status === 401 || status === 403;
}

function describe({ status, text, requestId }: EndpointAnswer): string {
  const id = requestId === undefined ? '' : `, request ${requestId}`;
  return `status ${status}${id}: ${text.trim().slice(0, 300) || '(an empty answer)'}`;
}
