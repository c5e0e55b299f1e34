import { judgeSamples } from '../judge-samples';
import { checkBudget } from '../latency';
import { sampleName } from '../sample-name';
import { SmokeTestError } from '../smoke-test-error';
import type { SmokeTestSampleReport } from '../smoke-test-report';
import type { Check, CheckContext } from './check';

/** Whether the answers, the certificate and the latency are as expected. */
export const expectations: Check = {
  name: 'expectations',
  async run(context) {
    const { options, samples, findings } = context;
    const { baseline, budget } = options;
    const judged = judgeSamples(context);
    const wrong = judged.filter(({ passed }) => !passed);
    if (wrong.length > 0) {
      throw new SmokeTestError('EXPECTATION_FAILED', describeWrong(wrong, samples.length));
    }
    const recorded = baseline?.update ? await updateBaseline(baseline.file, context) : '';
    requireDaysToExpiry(context);
    if (budget && findings.latency?.warm) {
      checkBudget(findings.latency.warm, budget);
    }
    const [first] = judged;
    const said = samples.length === 1 ? first.detail : `${samples.length} samples are as expected`;
    return said + recorded;
  },
};

/** @returns what was done, as a sentence about the answers ends */
async function updateBaseline(file: string, { samples, findings }: CheckContext): Promise<string> {
  const { readFormerBaseline, writeBaseline } =
    require('../baseline-file') as typeof import('../baseline-file');
  const tested = new Map(
    Array.from(findings.answers, ([index, answer]) => [sampleName(samples[index].path), answer.record()]),
  );
  const former = await readFormerBaseline(file);
  const kept = Array.from(former ?? []).filter(([name]) => !tested.has(name));
  await writeBaseline(file, new Map([...kept, ...tested]));
  return `; the baseline is recorded in ${file}${former ? describeKept(kept.length) : ', in place of a file that was none'}`;
}

function describeKept(count: number): string {
  if (count === 0) {
    return '';
  }
  const answers = count === 1 ? '1 answer' : `${count} answers`;
  return `, where ${answers} to samples that were not tested ${count === 1 ? 'is' : 'are'} kept`;
}

function requireDaysToExpiry({ options, findings: { certificate } }: CheckContext): void {
  const { minimumDaysToExpiry } = options;
  if (minimumDaysToExpiry !== undefined && certificate && certificate.daysToExpiry < minimumDaysToExpiry) {
    throw new SmokeTestError(
      'CERTIFICATE_EXPIRING',
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
