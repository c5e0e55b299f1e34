import type { Check } from './check';

/** Checks that the service reports that it is serving, and which model. */
export const health: Check = {
  name: 'health',
  async run({ scoring, findings, waiting }) {
    const { detail, model } = await scoring.waitUntilReady(waiting());
    findings.model = model;
    return detail;
  },
};
