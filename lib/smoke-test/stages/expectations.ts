import { messageOf } from '../message-of';
import type { Answer } from '../answer';
import { readBaseline, writeBaseline, type Baseline } from '../baseline';
import { checkBudget } from '../latency';
import { sampleName } from '../sample-name';
import { SmokeTestError } from '../smoke-test-error';
import type { SmokeTestSampleReport } from '../smoke-test-report';
import type { LoadedSample, Stage, StageContext } from './stage';

const DEFAULT_TOLERANCE = 0.02;

/** Whether the answers, the certificate and the latency are as expected. */
export const expectations: Stage = {
  name: 'expectations',
  async run(context) {
    const { options, samples, findings } = context;
    const { baseline, budget } = options;
    const recorded = baseline && !baseline.update ? await readBaseline(baseline.file) : undefined;
    findings.sampleReports = samples.map((sample, index) =>
      judge(sample, findings.answers.get(index), context, recorded),
    );
    const wrong = findings.sampleReports.filter(({ passed }) => !passed);
    if (wrong.length > 0) {
      throw new SmokeTestError('EXPECTATION_FAILED', describeWrong(wrong, samples.length));
    }
    if (baseline?.update) {
      await writeBaseline(
        baseline.file,
        new Map(
          samples.map((sample, index) => [sampleName(sample.path), record(findings.answers.get(index))]),
        ),
      );
    }
    requireDaysToExpiry(context);
    if (budget && findings.latency?.warm) {
      checkBudget(findings.latency.warm, budget);
    }
    const [first] = findings.sampleReports;
    const said = samples.length === 1 ? first.detail : `${samples.length} samples are as expected`;
    return baseline?.update ? `${said}; the baseline is recorded in ${baseline.file}` : said;
  },
};

function judge(
  sample: LoadedSample,
  answer: Answer | undefined,
  { options }: StageContext,
  recorded: Baseline | undefined,
): SmokeTestSampleReport {
  const expected = sample.expect ?? options.expect ?? {};
  const name = sampleName(sample.path);
  const common = { name, path: sample.path, expected: { ...expected } };
  if (!answer) {
    return { ...common, passed: false, detail: 'it was not answered' };
  }
  const reported = { ...common, ...answer.reported };
  try {
    const detail = answer.check(expected);
    if (!recorded) {
      return { ...reported, passed: true, detail };
    }
    const drift = driftOf(answer, name, recorded);
    const tolerance = options.baseline?.tolerance ?? DEFAULT_TOLERANCE;
    const finite = Number.isFinite(drift) ? { drift } : {};
    return drift <= tolerance
      ? { ...reported, ...finite, passed: true, detail: `${detail}; ${shown(drift)} from the baseline` }
      : {
          ...reported,
          ...finite,
          passed: false,
          detail:
            `${detail}, but the answer drifted: ${shown(drift)} from the baseline; expected at most ` +
            `${tolerance}; if the change is meant, record it with --update-baseline`,
        };
  } catch (error) {
    if (!(error instanceof SmokeTestError)) {
      throw error;
    }
    return { ...reported, passed: false, detail: messageOf(error) };
  }
}

function driftOf(answer: Answer, name: string, baseline: Baseline): number {
  const recorded = baseline.get(name);
  if (!recorded) {
    throw new SmokeTestError(
      'EXPECTATION_FAILED',
      `the baseline has no answer to ${name}; record it with --update-baseline`,
    );
  }
  return answer.driftFrom(recorded);
}

function record(answer: Answer | undefined): ReturnType<Answer['record']> {
  if (!answer) {
    throw new SmokeTestError('EXPECTATION_FAILED', 'a sample was not answered');
  }
  return answer.record();
}

function requireDaysToExpiry({ options, findings: { certificate } }: StageContext): void {
  const { minimumDaysToExpiry } = options;
  if (minimumDaysToExpiry !== undefined && certificate && certificate.daysToExpiry < minimumDaysToExpiry) {
    throw new SmokeTestError(
      'CERTIFICATE',
      `the certificate expires in ${certificate.daysToExpiry} days, on ${certificate.validTo.slice(0, 10)}; ` +
        `expected at least ${minimumDaysToExpiry} days`,
      { remedy: 'renew it and deploy it' },
    );
  }
}

function describeWrong(wrong: readonly SmokeTestSampleReport[], total: number): string {
  const [first] = wrong;
  return total === 1
    ? first.detail
    : `${wrong.length} of ${total} samples are wrong, the first one ${first.name}: ${first.detail}`;
}

function shown(drift: number): string {
  return Number.isFinite(drift) ? `${drift.toFixed(4)} away` : 'of another form';
}
