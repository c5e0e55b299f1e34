import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { prepareVirtualEnvironment } from '../interop/virtual-environment';
import { SetupError } from '../interop/setup-error';
import { comparePolicy, readAcceptedChecks } from './accepted-checks';
import { scan, synthesizeExamples } from './checkov';

/*
 * `npm run test:policy`: scans the synthesized stacks of all examples with Checkov, and compares the failed checks with
 * `accepted-checks.json`, which docs/security.md shows.
 *
 *     npm run test:policy -- --if-available
 *
 * With `--if-available`, a machine without Python or a package index is no failure.
 */

const root = path.resolve(__dirname, '../..');

async function main(flags: readonly string[]): Promise<void> {
  let python: string;
  try {
    python = await prepareVirtualEnvironment(path.join(__dirname, 'requirements.txt'), say);
  } catch (error) {
    if (!(error instanceof SetupError)) {
      throw error;
    }
    say(`not run: ${error.message}`);
    if (flags.includes('--if-available')) {
      writeResults({ notRun: true });
    } else {
      process.exitCode = 1;
    }
    return;
  }
  const folder = path.join(root, 'build/policy');
  const stacks = await synthesizeExamples(folder);
  const { passed, failed } = await scan(python, folder, stacks);
  const { unexplained, obsolete } = comparePolicy(failed, readAcceptedChecks());
  for (const { name: stack } of stacks) {
    const failures = failed.filter((each) => each.stack === stack);
    const news = unexplained.filter((each) => each.stack === stack);
    say(
      `${stack}: ${passed.get(stack) ?? 0} checks passed, ${failures.length} failed, ${news.length} of them unexplained`,
    );
  }
  for (const { check, title, stack, resource } of unexplained) {
    say(
      `UNEXPLAINED ${check} (${title}): ${resource} in ${stack}; fix it, or add it to accepted-checks.json with a reason`,
    );
  }
  for (const entry of obsolete) {
    say(`OBSOLETE ${entry}: the check no longer fails; remove it from accepted-checks.json`);
  }
  const clean = stacks.filter(({ name }) => !unexplained.some(({ stack }) => stack === name));
  const problems = unexplained.length + obsolete.length;
  say(
    `${failed.length} failed checks, ${unexplained.length} unexplained, ${obsolete.length} obsolete entries`,
  );
  writeResults({ passed: clean.length, failed: problems });
  process.exitCode = problems === 0 ? 0 : 1;
}

function writeResults(results: Readonly<Record<string, number | boolean>>): void {
  const { TEST_RESULTS_FILE } = process.env;
  if (TEST_RESULTS_FILE !== undefined) {
    writeFileSync(TEST_RESULTS_FILE, `${JSON.stringify(results)}\n`);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
