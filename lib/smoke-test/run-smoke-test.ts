import { formatAddress } from '../connection/address';
import { BrainwaveError, messageOf } from '../errors/brainwave-error';
import { exitCodeOf, exitCodes } from '../errors/exit-code';
import { CancelledError, NotReadyInTimeError } from '../errors/prediction-errors';
import type { Baseline } from './baseline';
import { CheckLog } from './check-log';
import type { ReferenceAnswers } from './compare';
import { authentication } from './checks/authentication';
import { firstCall, warmCalls } from './checks/calls';
import type { Check, CheckContext, Findings, LoadedSample } from './checks/check';
import { dns } from './checks/dns';
import { expectations, judgeSamples } from './checks/expectations';
import { health } from './checks/health';
import { tcp } from './checks/tcp';
import { tls } from './checks/tls';
import { propertyNames, type OptionNames } from '../validation/option-names';
import { checksOutput } from './consistent-options';
import { parseOptions } from './parse-options';
import { GrpcScoring } from './protocol/grpc';
import { HttpScoring } from './protocol/http';
import type { Answer, ScoringProtocol } from './protocol/scoring-protocol';
import { redact } from './redact';
import { inputError, SmokeTestError } from './smoke-test-error';
import type { SmokeTestOptions, SmokeTestSample } from './smoke-test-options';
import type { SmokeTestCheckName, SmokeTestEvent, SmokeTestReport } from './smoke-test-report';
import { readInput, resolveTarget, type ResolvedTarget } from './target';

const DEFAULT_READY_TIMEOUT_SECONDS = 300;

/** Checks in the order in which they run. Each relies on the previous ones. */
const CHECKS: readonly Check[] = [dns, tcp, tls, health, authentication, firstCall, warmCalls, expectations];

/** Names of the checks, in the order in which they run. */
export const smokeTestChecks: readonly SmokeTestCheckName[] = CHECKS.map(({ name }) => name);

/**
 * Tests a deployed service the way its clients use it: resolves its name, connects, checks that keys are required,
 * scores samples, and compares the answers with the expected ones.
 *
 * It does not throw if the test fails: the report says which check failed, why, and how to fix it.
 */
export async function runSmokeTest(options: SmokeTestOptions): Promise<SmokeTestReport> {
  return new SmokeTestRun(options).run();
}

class SmokeTestRun {
  private readonly log: CheckLog;
  private readonly findings: Findings = { answers: new Map(), refusals: new Map() };
  private readonly started = performance.now();
  private check: SmokeTestCheckName | undefined;
  /** Keys of the services, which no report contains. */
  private readonly keys: (string | undefined)[] = [];
  private loaded: Pick<CheckContext, 'samples' | 'comparisons'> | undefined;

  constructor(private options: SmokeTestOptions) {
    this.log = new CheckLog(this.onEvent);
  }

  async run(): Promise<SmokeTestReport> {
    let failure: unknown;
    let scoring: ScoringProtocol | undefined;
    try {
      this.options = parseOptions(this.options, this.names);
      const target = await resolveTarget(this.options.target, this.names);
      this.keys.push(target.key);
      const samples = await loadSamples(this.options.samples);
      const comparisons = {
        baseline: await baselineOf(this.options),
        reference: await this.askReference(samples),
      };
      this.loaded = { samples, comparisons };
      scoring = scoringOf(target, samples, this.options);
      await this.runChecks({ target, samples, comparisons, scoring });
    } catch (error) {
      failure = error;
    } finally {
      scoring?.close();
    }
    return this.redacted(this.report(failure));
  }

  /** Where the user sets the options. */
  private get names(): OptionNames {
    return this.options.optionNames ?? propertyNames;
  }

  private readonly onEvent = (event: SmokeTestEvent): void => {
    this.options.onEvent?.(this.redacted(event));
  };

  private redacted<T>(value: T): T {
    return this.keys.reduce(redact, value);
  }

  private async runChecks(
    parts: Pick<CheckContext, 'target' | 'samples' | 'comparisons' | 'scoring'>,
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
      await this.log.run(check.name, () => this.explain(check.run(context)));
    }
    this.check = undefined;
  }

  /** Reports failures in terms of the test instead of the call that it made. */
  private async explain<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof CancelledError && this.options.signal?.aborted) {
        throw new CancelledError('the test was interrupted', { cause: error });
      }
      // The reason why the service was not ready is more helpful than the fact that time ran out.
      if (error instanceof NotReadyInTimeError && error.cause instanceof BrainwaveError) {
        const { code } = error.cause;
        throw code === 'CONNECTION_FAILED' || code === 'CERTIFICATE' ? error.cause : error;
      }
      throw error;
    }
  }

  /** Asks the other service first, because without its answers the test could not pass. */
  private async askReference(samples: readonly LoadedSample[]): Promise<ReferenceAnswers | undefined> {
    const { reference, signal, labels, callTimeoutSeconds, expect } = this.options;
    if (!reference) {
      return undefined;
    }
    const target = await resolveTarget(reference.target, (option) =>
      this.names(option.replace(/^target\b/, 'reference.target')),
    );
    this.keys.push(target.key);
    const options = { target: reference.target, samples, labels, callTimeoutSeconds, expect };
    const scoring = scoringOf(target, samples, options);
    try {
      await scoring.waitUntilReady(this.waiting());
      const answers = new Map<number, Answer>();
      for (const [index, { content }] of samples.entries()) {
        answers.set(index, await scoring.score(content, signal));
      }
      return answers;
    } catch (error) {
      throw aboutReference(error, target);
    } finally {
      scoring.close();
    }
  }

  private waiting(): ReturnType<CheckContext['waiting']> {
    const { signal, readyTimeoutSeconds = DEFAULT_READY_TIMEOUT_SECONDS } = this.options;
    const deadline = this.started + readyTimeoutSeconds * 1000;
    const timeoutMs = Math.max(Math.ceil(deadline - performance.now()), 1);
    return {
      timeoutMs,
      signal,
      onAttempt: ({ elapsedMs, reason }) => {
        if (this.check) {
          this.onEvent({ kind: 'waiting', check: this.check, elapsedMs, timeoutMs, reason: reason.message });
        }
      },
    };
  }

  private report(failure: unknown): SmokeTestReport {
    const { target } = this.options;
    const { protocol = 'grpc', host, port, plaintext, serverName, connectTo } = target;
    const { dns: dnsReport, certificate, model, latency, judged } = this.findings;
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
      failure: failed ? { check: this.check, code, message: messageOf(failure) } : undefined,
      startedAt: this.log.startedAt,
      durationMs: this.log.durationMs,
      target: {
        protocol,
        host,
        port,
        tls: !plaintext,
        serverName,
        connectedTo: connectTo,
        path: protocol === 'http' ? (target.path ?? '/score') : target.path,
        key: !plaintext && (target.keyFile ?? target.key) !== undefined,
      },
      checks: this.log.checks,
      dns: dnsReport,
      certificate,
      model,
      // A test that ended early may have answers, too.
      samples: judged ?? this.judgeEarly(),
      latency,
    };
  }

  private judgeEarly(): SmokeTestReport['samples'] {
    return this.loaded
      ? judgeSamples({ ...this.loaded, options: this.options, findings: this.findings })
      : [];
  }
}

/** The same error, but it says which of the two services it is about. */
function aboutReference(error: unknown, target: ResolvedTarget): unknown {
  if (!(error instanceof BrainwaveError) || error instanceof CancelledError) {
    return error;
  }
  const { finding, remedy } = error;
  return new SmokeTestError('REFERENCE_FAILED', `the reference ${formatAddress(target)}: ${finding}`, {
    remedy,
    cause: error,
  });
}

async function loadSamples(samples: readonly SmokeTestSample[]): Promise<LoadedSample[]> {
  return Promise.all(
    samples.map(async (sample) => {
      const content = await readInput('sample', sample.path);
      if (content.length === 0) {
        throw inputError(`the sample ${sample.path} is empty; expected an image or the JSON of a request`);
      }
      return { ...sample, content };
    }),
  );
}

/** Reads the baseline before the first call, so that a missing file does not fail a test after its load. */
async function baselineOf({
  baseline,
  updateBaseline,
  optionNames = propertyNames,
}: SmokeTestOptions): Promise<Baseline | undefined> {
  if (!baseline || updateBaseline) {
    return undefined;
  }
  // Loading zod takes longer than a call.
  const { readBaseline } = require('./baseline-file') as typeof import('./baseline-file');
  return readBaseline(baseline.file, optionNames);
}

function scoringOf(
  target: ResolvedTarget,
  samples: readonly LoadedSample[],
  options: SmokeTestOptions,
): ScoringProtocol {
  const { labels, revision, rollout, callTimeoutSeconds } = options;
  return target.protocol === 'http'
    ? new HttpScoring(
        target,
        samples.map(({ content }) => content),
        callTimeoutSeconds,
      )
    : new GrpcScoring(target, labels, revision, rollout, callTimeoutSeconds, checksOutput(options));
}
