import { setTimeout as delay } from 'node:timers/promises';

import { Callers, type Calls } from './callers';
import { record } from './results';
import type { ScoringProject } from './scoring-project';

/** Calls of which none was lost and none had a wrong answer. */
export const NO_CALL_LOST = { lost: 0, wrong: 0, errors: [] };

export interface CallingOptions {
  /** @default 8 */
  readonly callerCount?: number;
  /** Key of the callers. @default - the primary key of the service, if it has keys */
  readonly key?: string;
}

/**
 * Does something to a deployed service while callers loop, and records what happened to their calls.
 * @param scenario title of the row in the table of results
 */
export async function whileCalling(
  project: ScoringProject,
  scenario: string,
  action: () => Promise<unknown>,
  { callerCount = 8, ...options }: CallingOptions = {},
): Promise<Calls> {
  const start = performance.now();
  const callers = await Callers.start({ ...(await project.clientOptions()), ...options }, callerCount);
  try {
    await action();
    // What a change breaks may break only after it.
    await delay(1000);
  } finally {
    await callers.stop();
  }
  const { calls } = callers;
  await record({ ...calls, scenario, seconds: (performance.now() - start) / 1000 });
  return calls;
}
