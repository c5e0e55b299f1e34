import type { Check } from './check';

/** Whether the service says that it serves, and what. */
export const health: Check = {
  name: 'health',
  async run({ scoring, findings, waiting }) {
    const { detail, model } = await scoring.waitUntilReady(waiting());
    findings.model = model;
    return detail;
  },
};
