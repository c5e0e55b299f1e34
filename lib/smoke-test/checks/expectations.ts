import { messageOf } from '../../errors/brainwave-error';
import { changesClass, compareAnswer } from '../compare';
import { checkBudget } from '../latency';
import type { Answer } from '../protocol/scoring-protocol';
import { SmokeTestError } from '../smoke-test-error';
import { sampleName } from '../smoke-test-options';
import type { SmokeTestSampleReport } from '../smoke-test-report';
import type { Check, CheckContext, LoadedSample } from './check';

/** Compares the answers, the certificate expiry and the latency with the options. */
export const expectations: Check = {
  name: 'expectations',
  async run(context) {
    const { options, samples, findings } = context;
    const judged = judgeSamples(context);
    findings.judged = judged;
    const wrong = judged.filter(({ passed }) => !passed);
    if (wrong.length > 0) {
      throw new SmokeTestError('EXPECTATION_FAILED', describeWrong(wrong, samples.length), {
        remedy: samples.length > 1 && judged.every(predictsAnother) ? SYSTEMATIC : undefined,
      });
    }
    requireSameClasses(judged, options);
    const { baseline, updateBaseline, latencyBudget } = options;
    const recorded = baseline && updateBaseline ? await recordAnswers(baseline.file, context) : '';
    requireDaysToExpiry(context);
    if (latencyBudget && findings.latency?.warm) {
      checkBudget(findings.latency.warm, latencyBudget);
    }
    const [first] = judged;
    return (samples.length === 1 ? first.detail : `${samples.length} samples are as expected`) + recorded;
  },
};

/**
 * Compares the answers with the expectations and the baseline.
 * @returns results in the order of the samples, without those that were not called
 */
export function judgeSamples(
  context: Pick<CheckContext, 'options' | 'samples' | 'comparisons' | 'findings'>,
): SmokeTestSampleReport[] {
  const { options, samples, findings } = context;
  return samples.flatMap((sample, index) => {
    const answer = findings.answers.get(index);
    const refusal = findings.refusals.get(index);
    const expected = sample.expect ?? options.expect ?? {};
    const common = { name: sampleName(sample.path), path: sample.path, expected: { ...expected } };
    if (answer) {
      return [{ ...common, ...answer.reported, ...judge({ ...sample, index }, answer, context) }];
    }
    return refusal === undefined ? [] : [{ ...common, passed: false, detail: refusal }];
  });
}

function judge(
  sample: LoadedSample & { readonly index: number },
  answer: Answer,
  { options, comparisons }: Pick<CheckContext, 'options' | 'comparisons'>,
): Pick<SmokeTestSampleReport, 'passed' | 'detail' | 'drift' | 'referenceClasses'> {
  let detail: string;
  try {
    detail = answer.check(sample.expect ?? options.expect ?? {});
  } catch (error) {
    if (error instanceof SmokeTestError) {
      return { passed: false, detail: messageOf(error) };
    }
    throw error;
  }
  return compareAnswer(answer, sample, detail, comparisons, options);
}

function requireSameClasses(
  judged: readonly SmokeTestSampleReport[],
  { reference }: CheckContext['options'],
): void {
  const changed = judged.filter(changesClass);
  const { maximumClassChanges = 0 } = reference ?? {};
  if (changed.length > maximumClassChanges) {
    const [{ name, detail }] = changed;
    throw new SmokeTestError(
      'EXPECTATION_FAILED',
      `the two services predict different classes for ${changed.length} of ${judged.length} samples, first ${name}: ` +
        `${detail}; expected at most ${maximumClassChanges}`,
    );
  }
}

/** @returns the outcome, to append to a sentence about the answers */
async function recordAnswers(file: string, { samples, findings }: CheckContext): Promise<string> {
  const { readFormerBaseline, writeBaseline } =
    require('../baseline-file') as typeof import('../baseline-file');
  const tested = new Map(
    Array.from(findings.answers, ([index, answer]) => [sampleName(samples[index].path), answer.record()]),
  );
  const former = await readFormerBaseline(file);
  const kept = Array.from(former ?? []).filter(([name]) => !tested.has(name));
  await writeBaseline(file, new Map([...kept, ...tested]));
  return `; recorded the baseline in ${file}${former ? describeKept(kept.length) : ', replacing an invalid file'}`;
}

function describeKept(count: number): string {
  return count === 0
    ? ''
    : `, and kept ${count === 1 ? '1 answer' : `${count} answers`} to samples that were not tested`;
}

function requireDaysToExpiry({ options, findings: { certificate } }: CheckContext): void {
  const { minimumDaysToExpiry } = options;
  if (minimumDaysToExpiry !== undefined && certificate && certificate.daysToExpiry < minimumDaysToExpiry) {
    throw new SmokeTestError(
      'CERTIFICATE_EXPIRING',
      `the certificate expires in ${certificate.daysToExpiry} days, on ${certificate.validTo.slice(0, 10)}; ` +
        `expected at least ${minimumDaysToExpiry} days`,
      { remedy: 'renew the certificate and deploy it' },
    );
  }
}

/** Usual causes if no image is classified correctly. */
const SYSTEMATIC =
  'as no sample has its class, check that the labels are in the order of the model, and that mean, std and order of ' +
  'Stage.image are those of its training';

function predictsAnother({ topClasses, expected }: SmokeTestSampleReport): boolean {
  const first = topClasses?.at(0);
  const { label = first?.label, classIndex = first?.classIndex } = expected;
  return first !== undefined && (first.label !== label || first.classIndex !== classIndex);
}

function describeWrong(wrong: readonly SmokeTestSampleReport[], total: number): string {
  const [first] = wrong;
  return total === 1
    ? first.detail
    : `${wrong.length === total ? 'all' : `${wrong.length} of`} ${total} samples failed, first ${first.name}: ${first.detail}`;
}
