import type { App } from 'cdktf';

/** What a synth cost. Loading the modules is no part of the time, and a part of the memory. */
export interface SynthCost {
  /** By the clock. */
  readonly ms: number;
  /** Of the processor, in this process alone. */
  readonly processorMs: number;
  readonly mib: number;
}

/** Times a declaration and its synth into the folder that the command line names, and prints its cost. */
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
