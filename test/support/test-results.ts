import { writeFileSync } from 'node:fs';

/** Tells `.ci/run`, which adds up the tests of all scripts, how many passed and failed, or that none ran. */
export function writeResults(
  results: { readonly passed: number; readonly failed: number } | { readonly notRun: true },
): void {
  const { TEST_RESULTS_FILE } = process.env;
  if (TEST_RESULTS_FILE !== undefined) {
    writeFileSync(TEST_RESULTS_FILE, `${JSON.stringify(results)}\n`);
  }
}

/** Ends a script whose tests cannot run on this machine, which is a failure without its flag `--if-available`. */
export function notRun(reason: string): void {
  process.stdout.write(`not run: ${reason}\n`);
  if (process.argv.includes('--if-available')) {
    writeResults({ notRun: true });
  } else {
    process.exitCode = 1;
  }
}
