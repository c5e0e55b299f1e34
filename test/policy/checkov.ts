import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import type { FailedCheck, ScanResult } from './accepted-checks';
import type { SynthesizedStack } from './synthesized-examples';

const run = promisify(execFile);

interface CheckJson {
  readonly check_id: string;
  readonly check_name: string;
  readonly file_path: string;
  readonly resource: string;
}

interface ReportJson {
  readonly results?: {
    readonly passed_checks: CheckJson[];
    readonly failed_checks: CheckJson[];
    readonly parsing_errors: string[];
  };
}

const MAXIMUM_OUTPUT_BYTES = 256 * 1024 * 1024;

/** Scans all stacks with one process of Checkov, which takes longer to start than to scan. */
export async function scanWithCheckov(
  python: string,
  folder: string,
  stacks: readonly SynthesizedStack[],
): Promise<ScanResult> {
  const checkov = path.join(path.dirname(python), 'checkov');
  const args = ['--framework', 'terraform_json', '--output', 'json', '--compact', '--skip-download'];
  const output = await run(python, [checkov, '--directory', '.', ...args], {
    cwd: path.join(folder, 'stacks'),
    maxBuffer: MAXIMUM_OUTPUT_BYTES,
  }).catch((error: unknown) => {
    const { code, stdout, stderr } = error as { code?: unknown; stdout: string; stderr: string };
    // Checkov exits with 1 if a check fails.
    if (code !== 1) {
      throw new Error(`checkov ended with ${String(code)}: ${stderr.trim()}`);
    }
    return { stdout };
  });
  return resultOf(JSON.parse(output.stdout) as ReportJson | ReportJson[], stacks);
}

function resultOf(report: ReportJson | ReportJson[], stacks: readonly SynthesizedStack[]): ScanResult {
  const passed = new Map<string, number>();
  const failed: FailedCheck[] = [];
  for (const { results } of [report].flat()) {
    if (results && results.parsing_errors.length > 0) {
      throw new Error(`checkov cannot read ${results.parsing_errors.join(', ')}`);
    }
    for (const check of results?.passed_checks ?? []) {
      const stack = stackOf(check);
      passed.set(stack, (passed.get(stack) ?? 0) + 1);
    }
    for (const check of results?.failed_checks ?? []) {
      const stack = stackOf(check);
      // Some checks name a resource by its type, others as `resource.<name>`.
      const name = check.resource.split('.').at(-1) ?? '';
      const type = stacks.find((each) => each.name === stack)?.types.get(name) ?? '';
      failed.push({ check: check.check_id, title: check.check_name, stack, resource: `${type}.${name}` });
    }
  }
  return { passed, failed };
}

/** `/aks/aks/cdk.tf.json` is the stack `aks/aks`. */
function stackOf({ file_path: file }: CheckJson): string {
  return path.posix.dirname(file).replace(/^\/+/, '');
}
