import type { Scenario } from '../scenario';

/** What the examples leave out. */
export function variantScenarios(): Promise<Scenario[]> {
  return Promise.resolve([]);
}
