import type { Answer } from './answer';
import { messageOf } from '../errors/message-of';
import { sampleName } from './sample-name';
import { SmokeTestError } from './smoke-test-error';
import type { SmokeTestSampleReport } from './smoke-test-report';
import type { LoadedSample, CheckContext } from './checks/check';

const DEFAULT_TOLERANCE = 0.02;

/**
 * Holds what was answered against what is expected and against the baseline.
 * @returns in the samples' order, without those that were not called
 */
export function judgeSamples(
  context: Pick<CheckContext, 'options' | 'samples' | 'baseline' | 'findings'>,
): SmokeTestSampleReport[] {
  const { options, samples, findings } = context;
  return samples.flatMap((sample, index) => {
    const answer = findings.answers.get(index);
    const refusal = findings.refusals.get(index);
    const expected = sample.expect ?? options.expect ?? {};
    const common = { name: sampleName(sample.path), path: sample.path, expected: { ...expected } };
    if (answer) {
      return [{ ...common, ...answer.reported, ...judge(sample, answer, context) }];
    }
    return refusal === undefined ? [] : [{ ...common, passed: false, detail: refusal }];
  });
}

function judge(
  sample: LoadedSample,
  answer: Answer,
  { options, baseline }: Pick<CheckContext, 'options' | 'baseline'>,
): Pick<SmokeTestSampleReport, 'passed' | 'detail' | 'drift'> {
  try {
    const detail = answer.check(sample.expect ?? options.expect ?? {});
    if (!baseline) {
      return { passed: true, detail };
    }
    const name = sampleName(sample.path);
    const recorded = baseline.get(name);
    if (!recorded) {
      return {
        passed: false,
        detail: `the baseline has no answer to ${name}; record it with --update-baseline`,
      };
    }
    const drift = answer.driftFrom(recorded);
    const tolerance = options.baseline?.tolerance ?? DEFAULT_TOLERANCE;
    const finite = Number.isFinite(drift) ? { drift } : {};
    return drift <= tolerance
      ? { ...finite, passed: true, detail: `${detail}; ${shown(drift)} from the baseline` }
      : {
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
    return { passed: false, detail: messageOf(error) };
  }
}

function shown(drift: number): string {
  return Number.isFinite(drift) ? `${drift.toFixed(4)} away` : 'of another form';
}
