import { roundMs } from '../latency';
import { isAboutSample, scoreSample } from './score-sample';
import type { Check, CheckContext } from './check';

/** The first call that is answered, which may find everything cold. */
export const firstCall: Check = {
  name: 'first-call',
  async run(context) {
    const { findings, options } = context;
    const firstMs = roundMs(await scoreFirst(context));
    findings.latency = { firstMs, ...(options.budget && { budget: options.budget }) };
    return `answered after ${firstMs} ms`;
  },
};

/** Of a set, a sample that is refused does not keep the others from being scored: the expectations tell of it. */
async function scoreFirst(context: CheckContext): Promise<number> {
  let refusal: unknown;
  for (const index of context.samples.keys()) {
    try {
      return await scoreSample(context, index, context.options.signal);
    } catch (error) {
      if (!isAboutSample(error)) {
        throw error;
      }
      refusal ??= error;
    }
  }
  throw refusal;
}
