import { setTimeout as delay } from 'node:timers/promises';

const LIMIT_MS = 20_000;

/** Waits until a condition holds; fails the test where it never does. */
export async function until(condition: () => boolean | Promise<boolean>, limitMs = LIMIT_MS): Promise<void> {
  const giveUpAt = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) {
      throw new Error(`never came true: ${condition.toString()}`);
    }
    await delay(10);
  }
}
