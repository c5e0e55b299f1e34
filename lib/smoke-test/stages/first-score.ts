import { roundMs } from '../latency';
import type { Stage } from './stage';

/** The first call, which may find everything cold. */
export const firstScore: Stage = {
  name: 'first-score',
  async run({ scoring, samples, findings, options: { signal, budget } }) {
    const before = performance.now();
    findings.answers.set(0, await scoring.score(samples[0].content, signal));
    const firstMs = roundMs(performance.now() - before);
    findings.latency = { firstMs, ...(budget && { budget }) };
    return `answered after ${firstMs} ms`;
  },
};
