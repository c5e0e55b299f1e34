import type { LocalWorkload } from './local-workload';

/** Those of some that were deployed: one that was reserved and never started is none yet. */
export async function deployedOf<T extends LocalWorkload>(all: readonly T[]): Promise<T[]> {
  const known = await Promise.all(all.map((each) => each.wasUp()));
  return all.filter((_, index) => known[index]);
}
