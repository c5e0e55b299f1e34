import { BrainwaveError } from '../errors/brainwave-error';
import { exitCodeOf, exitCodes } from '../errors/exit-code';
import { CancelledError, NotReadyInTimeError } from '../errors/prediction-errors';
import type { Baseline } from './baseline';
import { checkOptions } from './check-options';
import { openConnection, type Connection } from './connection';
import { judgeSamples } from './judge-samples';
import { messageOf } from '../errors/message-of';
import { GrpcScoring } from './protocol/grpc';
import { HttpScoring } from './protocol/http';
import type { ScoringProtocol } from './protocol/scoring-protocol';
import { readInput } from './read-input';
import { redact } from './redact';
import { inputError } from './smoke-test-error';
import type { SmokeTestEvent } from './smoke-test-event';
import type { SmokeTestOptions, SmokeTestSample } from './smoke-test-options';
import type { SmokeTestReport, SmokeTestStageName } from './smoke-test-report';
import { StageLog } from './stage-log';
import { authentication } from './stages/authentication';
import { dns } from './stages/dns';
import { expectations } from './stages/expectations';
import { firstScore } from './stages/first-score';
import { health } from './stages/health';
import type { Findings, LoadedSample, Stage, StageContext } from './stages/stage';
import { tcp } from './stages/tcp';
import { tls } from './stages/tls';
import { warmScores } from './stages/warm-scores';

const DEFAULT_READY_TIMEOUT_MS = 300_000;

/** In the order in which they run: each relies on those before it. */
const stages: readonly Stage[] = [
  dns,
  tcp,
  tls,
  health,
  authentication,
  firstScore,
  warmScores,
  expectations,
];

/** In the order in which they run. */
export const smokeTestStages: readonly SmokeTestStageName[] = stages.map(({ name }) => name);

/**
 * Tests a deployed service as its clients will use it: finds it, connects, sees that keys are checked, scores samples
 * and holds the answers against what is expected.
 *
 * It does not throw where the service is at fault: the report says what failed, why, and how to mend it.
 */
export async function runSmokeTest(options: SmokeTestOptions): Promise<SmokeTestReport> {
  return new SmokeTestRun(options).run();
}

class SmokeTestRun {
  private readonly log: StageLog;
  private readonly findings: Findings = { answers: new Map(), refusals: new Map() };
  private readonly deadline: number;
  private stage: SmokeTestStageName | undefined;
  private key: string | undefined;
  private loaded: Pick<StageContext, 'samples' | 'baseline'> | undefined;

  constructor(private readonly options: SmokeTestOptions) {
    this.log = new StageLog(this.onEvent);
    this.deadline = performance.now() + (options.readyTimeoutMs ?? DEFAULT_READY_TIMEOUT_MS);
  }

  async run(): Promise<SmokeTestReport> {
    let failure: unknown;
    let scoring: ScoringProtocol | undefined;
    try {
      checkOptions(this.options);
      const connection = await openConnection(this.options.target);
      this.key = connection.key;
      const samples = await loadSamples(this.options.samples);
      const baseline = await baselineOf(this.options);
      this.loaded = { samples, baseline };
      scoring = scoringOf(connection, samples, this.options);
      await this.runStages({ connection, samples, baseline, scoring });
    } catch (error) {
      failure = error;
    } finally {
      scoring?.close();
    }
    return redact(this.report(failure), this.key);
  }

  private readonly onEvent = (event: SmokeTestEvent): void => {
    this.options.onEvent?.(redact(event, this.key));
  };

  private async runStages(
    parts: Pick<StageContext, 'connection' | 'samples' | 'baseline' | 'scoring'>,
  ): Promise<void> {
    const context: StageContext = {
      ...parts,
      options: this.options,
      findings: this.findings,
      waiting: () => this.waiting(),
      progress: (done, total, unit) => {
        if (this.stage) {
          this.onEvent({ kind: 'progress', stage: this.stage, done, total, unit });
        }
      },
    };
    for (const stage of stages) {
      this.stage = stage.name;
      await this.log.run(stage.name, () => this.reasonOf(stage.run(context)));
    }
    this.stage = undefined;
  }

  /** What fails a stage is told in the terms of the test, not in those of the call that it made. */
  private async reasonOf<T>(work: Promise<T>): Promise<T> {
    try {
      return await reasonInPlaceOfTimeout(work);
    } catch (error) {
      if (error instanceof CancelledError && this.options.signal?.aborted) {
        throw new CancelledError('the test was interrupted', { cause: error });
      }
      throw error;
    }
  }

  private waiting(): ReturnType<StageContext['waiting']> {
    const { signal } = this.options;
    const timeoutMs = Math.max(Math.ceil(this.deadline - performance.now()), 1);
    return {
      timeoutMs,
      ...(signal && { signal }),
      onAttempt: ({ elapsedMs, reason }) => {
        if (this.stage) {
          this.onEvent({ kind: 'waiting', stage: this.stage, elapsedMs, timeoutMs, reason: reason.message });
        }
      },
    };
  }

  /** Also where the test ended early: what was answered until then is of use. */
  private judged(): SmokeTestReport['samples'] {
    return this.loaded
      ? judgeSamples({ ...this.loaded, options: this.options, findings: this.findings })
      : [];
  }

  private report(failure: unknown): SmokeTestReport {
    const { target } = this.options;
    const { protocol = 'grpc', host, port, tls: secure, serverName, connectTo } = target;
    const { dns: dnsReport, certificate, model, latency } = this.findings;
    const failed = failure !== undefined;
    if (failed) {
      smokeTestStages.slice(this.log.stages.length).forEach((name) => {
        this.log.notRun(name);
      });
    }
    const code = failure instanceof BrainwaveError ? failure.code : 'UNEXPECTED';
    return {
      schemaVersion: 1,
      passed: !failed,
      exitCode: failed ? exitCodeOf(failure) : exitCodes.passed,
      ...(failed && {
        failure: { ...(this.stage && { stage: this.stage }), code, message: messageOf(failure) },
      }),
      startedAt: this.log.startedAt,
      durationMs: this.log.durationMs,
      target: {
        protocol,
        host,
        port,
        tls: secure,
        ...(serverName !== undefined && { serverName }),
        ...(connectTo !== undefined && { connectedTo: connectTo }),
        ...(protocol === 'http' && { path: target.path ?? '/score' }),
        key: secure && (target.keyFile ?? target.key) !== undefined,
      },
      stages: this.log.stages,
      ...(dnsReport && { dns: dnsReport }),
      ...(certificate && { certificate }),
      ...(model && { model }),
      samples: this.judged(),
      ...(latency && { latency }),
    };
  }
}

/** Why it was not ready tells more of the stage that failed than that it was not ready in time. */
async function reasonInPlaceOfTimeout<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NotReadyInTimeError && error.cause instanceof BrainwaveError) {
      throw error.cause.code === 'CONNECTION_FAILED' || error.cause.code === 'CERTIFICATE'
        ? error.cause
        : error;
    }
    throw error;
  }
}

async function loadSamples(samples: readonly SmokeTestSample[]): Promise<LoadedSample[]> {
  return Promise.all(
    samples.map(async (sample) => {
      const content = await readInput('sample', sample.path);
      if (content.length === 0) {
        throw inputError(
          `the sample ${sample.path} is empty (0 bytes); expected an image, or a request's JSON`,
        );
      }
      return { ...sample, content };
    }),
  );
}

/** Read before anything is called: a test under load is not to end with a file that is missing. */
async function baselineOf({ baseline }: SmokeTestOptions): Promise<Baseline | undefined> {
  if (!baseline || baseline.update) {
    return undefined;
  }
  // What checks files against schemas takes longer to load than a call.
  const { readBaseline } = require('./baseline-file') as typeof import('./baseline-file');
  return readBaseline(baseline.file);
}

function scoringOf(
  connection: Connection,
  samples: readonly LoadedSample[],
  { labels, rollout, callTimeoutMs }: SmokeTestOptions,
): ScoringProtocol {
  return connection.protocol === 'http'
    ? new HttpScoring(
        connection,
        samples.map(({ content }) => content),
        callTimeoutMs,
      )
    : new GrpcScoring(connection, labels, rollout, callTimeoutMs);
}
