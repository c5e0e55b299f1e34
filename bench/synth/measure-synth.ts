import type { App } from 'cdktf';

/**
 * Cost of a synth. Loading cdktf counts for the memory, but not for the time. Constructs and classes of providers are loaded when
 * they are first used, and count for both.
 */
export interface SynthCost {
  /** Elapsed time. */
  readonly ms: number;
  /** CPU time of this process. */
  readonly processorMs: number;
  readonly mib: number;
}

/** Measures a declaration and its synth into the folder on the command line, and prints the cost. */
export function measureSynth(declare: (outdir: string) => App): void {
  const outdir = process.argv[2];
  const startedAt = performance.now();
  const before = process.cpuUsage();
  declare(outdir).synth();
  const { user, system } = process.cpuUsage(before);
  const cost: SynthCost = {
    ms: performance.now() - startedAt,
    processorMs: (user + system) / 1000,
    // maxRSS is in KiB.
    mib: process.resourceUsage().maxRSS / 1024,
  };
  process.stdout.write(`${JSON.stringify(cost)}\n`);
}
