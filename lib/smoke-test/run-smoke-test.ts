import { BrainwaveError } from '../errors/brainwave-error';
import { exitCodeOf, exitCodes } from '../errors/exit-code';
import { CancelledError, NotReadyInTimeError } from '../errors/prediction-errors';
import type { Baseline } from './baseline';
import { checkOptions } from './check-options';
import { resolveTarget, type ResolvedTarget } from './target';
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
import type { SmokeTestReport, SmokeTestCheckName } from './smoke-test-report';
import { CheckLog } from './check-log';
import { authentication } from './checks/authentication';
import { dns } from './checks/dns';
import { expectations } from './checks/expectations';
import { firstCall } from './checks/first-call';
import { health } from './checks/health';
import type { Findings, LoadedSample, Check, CheckContext } from './checks/check';
import { tcp } from './checks/tcp';
import { tls } from './checks/tls';
import { warmCalls } from './checks/warm-calls';

const DEFAULT_READY_TIMEOUT_MS = 300_000;

/** In the order in which they run: each relies on those before it. */
const CHECKS: readonly Check[] = [dns, tcp, tls, health, authentication, firstCall, warmCalls, expectations];

/** In the order in which they run. */
export const smokeTestChecks: readonly SmokeTestCheckName[] = CHECKS.map(({ name }) => name);

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
  private readonly log: CheckLog;
  private readonly findings: Findings = { answers: new Map(), refusals: new Map() };
  private readonly deadline: number;
  private check: SmokeTestCheckName | undefined;
  private key: string | undefined;
  private loaded: Pick<CheckContext, 'samples' | 'baseline'> | undefined;

  constructor(private readonly options: SmokeTestOptions) {
    this.log = new CheckLog(this.onEvent);
    this.deadline = performance.now() + (options.readyTimeoutMs ?? DEFAULT_READY_TIMEOUT_MS);
  }

  async run(): Promise<SmokeTestReport> {
    let failure: unknown;
    let scoring: ScoringProtocol | undefined;
    try {
      checkOptions(this.options);
      const target = await resolveTarget(this.options.target);
      this.key = target.key;
      const samples = await loadSamples(this.options.samples);
      const baseline = await baselineOf(this.options);
      this.loaded = { samples, baseline };
      scoring = scoringOf(target, samples, this.options);
      await this.runChecks({ target, samples, baseline, scoring });
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

  private async runChecks(
    parts: Pick<CheckContext, 'target' | 'samples' | 'baseline' | 'scoring'>,
  ): Promise<void> {
    const context: CheckContext = {
      ...parts,
      options: this.options,
      findings: this.findings,
      waiting: () => this.waiting(),
      progress: (done, total, unit) => {
        if (this.check) {
          this.onEvent({ kind: 'progress', check: this.check, done, total, unit });
        }
      },
    };
    for (const check of CHECKS) {
      this.check = check.name;
      await this.log.run(check.name, () => this.reasonOf(check.run(context)));
    }
    this.check = undefined;
  }

  /** What fails a check is told in the terms of the test, not in those of the call that it made. */
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

  private waiting(): ReturnType<CheckContext['waiting']> {
    const { signal } = this.options;
    const timeoutMs = Math.max(Math.ceil(this.deadline - performance.now()), 1);
    return {
      timeoutMs,
      ...(signal && { signal }),
      onAttempt: ({ elapsedMs, reason }) => {
        if (this.check) {
          this.onEvent({ kind: 'waiting', check: this.check, elapsedMs, timeoutMs, reason: reason.message });
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
      smokeTestChecks.slice(this.log.checks.length).forEach((name) => {
        this.log.notRun(name);
      });
    }
    const code = failure instanceof BrainwaveError ? failure.code : 'UNEXPECTED';
    return {
      schemaVersion: 1,
      passed: !failed,
      exitCode: failed ? exitCodeOf(failure) : exitCodes.passed,
      ...(failed && {
        failure: { ...(this.check && { check: this.check }), code, message: messageOf(failure) },
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
      checks: this.log.checks,
      ...(dnsReport && { dns: dnsReport }),
      ...(certificate && { certificate }),
      ...(model && { model }),
      samples: this.judged(),
      ...(latency && { latency }),
    };
  }
}

/** Why it was not ready tells more of the check that failed than that it was not ready in time. */
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
  target: ResolvedTarget,
  samples: readonly LoadedSample[],
  { labels, rollout, callTimeoutMs }: SmokeTestOptions,
): ScoringProtocol {
  return target.protocol === 'http'
    ? new HttpScoring(
        target,
        samples.map(({ content }) => content),
        callTimeoutMs,
      )
    : new GrpcScoring(target, labels, rollout, callTimeoutMs);
}
