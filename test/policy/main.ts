import path from 'node:path';

import { NoReleaseError, SetupError } from '../interop/setup-error';
import { findPython, prepareVirtualEnvironment, virtualEnvironment } from '../interop/virtual-environment';
import { notRun, writeResults } from '../support/test-results';
import { comparePolicy, readAcceptedChecks } from './accepted-checks';
import { scanWithCheckov } from './checkov';
import { synthesizeExamples } from './synthesized-examples';
import { scanWithTrivy } from './trivy';

/*
 * `npm run test:policy`: scans the synthesized stacks of all examples with Checkov and Trivy, and compares the failed checks with
 * `accepted-checks.json`, which docs/security.md shows. Trivy is left out where PyPI has no release of it.
 *
 *     npm run test:policy -- --if-available
 *
 * With `--if-available`, a machine without Python or a package index is no failure.
 */

const root = path.resolve(__dirname, '../..');

async function main(): Promise<void> {
  let checkov: string;
  let trivy: string | undefined;
  try {
    checkov = await prepareVirtualEnvironment(path.join(__dirname, 'requirements.txt'), say);
    trivy = await prepareTrivy();
  } catch (error) {
    if (!(error instanceof SetupError)) {
      throw error;
    }
    notRun(error.message);
    return;
  }
  const folder = path.join(root, 'build/policy');
  const stacks = await synthesizeExamples(folder);
  const scans = {
    Checkov: await scanWithCheckov(checkov, folder, stacks),
    ...(trivy !== undefined && {
      Trivy: await scanWithTrivy(
        trivy,
        folder,
        stacks.map(({ name }) => name),
      ),
    }),
  };
  const accepted = readAcceptedChecks().filter(({ check }) => isOfCheckov(check) || trivy !== undefined);
  const failed = Object.values(scans).flatMap((scan) => scan.failed);
  const { unexplained, obsolete } = comparePolicy(failed, accepted);
  for (const { name: stack } of stacks) {
    for (const [scanner, scan] of Object.entries(scans)) {
      const failures = scan.failed.filter((each) => each.stack === stack);
      const news = unexplained.filter((each) => failures.includes(each));
      say(
        `${stack}: ${scan.passed.get(stack) ?? 0} checks of ${scanner} passed, ${failures.length} failed, ${news.length} of them unexplained`,
      );
    }
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

/** Installs Trivy by its hash, beside Checkov, which has other dependencies. */
async function prepareTrivy(): Promise<string | undefined> {
  const file = path.join(__dirname, 'trivy-requirements.txt');
  const { python, prepare } = await virtualEnvironment(
    [{ file, options: ['--require-hashes', '--no-deps'] }],
    await findPython(),
  );
  try {
    await prepare(say);
    return python;
  } catch (error) {
    if (!(error instanceof NoReleaseError)) {
      throw error;
    }
    say(`Trivy is left out: ${error.message}`);
    return undefined;
  }
}

function isOfCheckov(check: string): boolean {
  return check.startsWith('CKV');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
