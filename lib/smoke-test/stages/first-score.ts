import { roundMs } from '../latency';
import { isAboutSample, scoreSample } from './score-sample';
import type { Stage, StageContext } from './stage';

/** The first call that is answered, which may find everything cold. */
export const firstScore: Stage = {
  name: 'first-score',
  async run(context) {
    const { findings, options } = context;
    const firstMs = roundMs(await scoreFirst(context));
    findings.latency = { firstMs, ...(options.budget && { budget: options.budget }) };
    return `answered after ${firstMs} ms`;
  },
};

/** Of a set, a sample that is refused does not keep the others from being scored: the expectations tell of it. */
async function scoreFirst(context: StageContext): Promise<number> {
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
