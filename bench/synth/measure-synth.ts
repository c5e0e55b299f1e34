import type { App } from 'cdktf';

/** What a synth cost. Loading the modules is no part of the time, and a part of the memory. */
export interface SynthCost {
  /** Of the processor: on a machine that does other things, too, the clock says less. */
  readonly ms: number;
  readonly mib: number;
}

/** Times a declaration and its synth into the folder that the command line names, and prints its cost. */
export function measureSynth(declare: (outdir: string) => App): void {
  const outdir = process.argv[2];
  const before = process.cpuUsage();
  declare(outdir).synth();
  const { user, system } = process.cpuUsage(before);
  // maxRSS is in KiB.
  const cost: SynthCost = { ms: (user + system) / 1000, mib: process.resourceUsage().maxRSS / 1024 };
  process.stdout.write(`${JSON.stringify(cost)}\n`);
}
