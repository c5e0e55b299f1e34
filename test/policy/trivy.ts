import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import type { ScanResult } from './accepted-checks';
import { resourcesAsHcl, type ResourcesJson } from './terraform-hcl';

const run = promisify(execFile);

interface ReportJson {
  readonly Results?: readonly {
    /** `aks/aks/main.tf`, or `aks/aks` for the checks that passed. */
    readonly Target: string;
    readonly MisconfSummary?: { readonly Successes: number };
    readonly Misconfigurations?: readonly {
      readonly ID: string;
      readonly Title: string;
      readonly CauseMetadata: { readonly Resource?: string };
    }[];
  }[];
}

const FILE = 'main.tf';
const MAXIMUM_OUTPUT_BYTES = 256 * 1024 * 1024;
/** Uses the checks that the program contains: a run needs no network. */
const OPTIONS = ['--skip-check-update', '--skip-version-check', '--disable-telemetry', '--quiet'];

/** Scans all stacks with one process of Trivy. */
export async function scanWithTrivy(
  python: string,
  folder: string,
  stacks: readonly string[],
): Promise<ScanResult> {
  const hcl = path.join(folder, 'hcl');
  for (const stack of stacks) {
    const json = await readFile(path.join(folder, 'stacks', stack, 'cdk.tf.json'), 'utf8');
    await mkdir(path.join(hcl, stack), { recursive: true });
    await writeFile(path.join(hcl, stack, FILE), resourcesAsHcl(JSON.parse(json) as ResourcesJson));
  }
  const { stdout } = await run(
    path.join(path.dirname(python), 'trivy'),
    ['config', '--misconfig-scanners', 'terraform', '--format', 'json', ...OPTIONS, '.'],
    { cwd: hcl, maxBuffer: MAXIMUM_OUTPUT_BYTES },
  );
  const { Results: results = [] } = JSON.parse(stdout) as ReportJson;
  const passed = new Map(
    stacks.map((stack) => [
      stack,
      results
        .filter(({ Target }) => Target === stack)
        .reduce((sum, { MisconfSummary }) => sum + (MisconfSummary?.Successes ?? 0), 0),
    ]),
  );
  const unread = stacks.find((stack) => passed.get(stack) === 0);
  if (unread !== undefined) {
    throw new Error(`trivy cannot read ${path.join(hcl, unread, FILE)}`);
  }
  const failed = results.flatMap(({ Target, Misconfigurations = [] }) =>
    Misconfigurations.map(({ ID, Title, CauseMetadata }) => ({
      check: ID,
      title: Title,
      stack: path.posix.dirname(Target),
      resource: CauseMetadata.Resource ?? '',
    })),
  );
  return { passed, failed };
}
