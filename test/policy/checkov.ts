import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { EXAMPLES, examplePrograms } from '../../scripts/synth-examples/example-programs';
import type { FailedCheck } from './accepted-checks';

const run = promisify(execFile);

/** A synthesized stack: the types of its resources by their names, which are unique in a stack. */
export interface SynthesizedStack {
  /** `<example>/<stack>`, or `<example>-<platform>/<stack>`. */
  readonly name: string;
  readonly types: ReadonlyMap<string, string>;
}

/** Results of a scan. */
export interface ScanResult {
  /** Number of passed checks by stack. */
  readonly passed: ReadonlyMap<string, number>;
  readonly failed: readonly FailedCheck[];
}

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

/** Synthesizes all examples into `<folder>/<example>/<stack>/cdk.tf.json`. */
export async function synthesizeExamples(folder: string): Promise<SynthesizedStack[]> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const stacks: SynthesizedStack[] = [];
  for (const { example, file, environment } of examplePrograms()) {
    const outdir = path.join(folder, 'out');
    await run(process.execPath, [require.resolve('tsx/cli'), file], {
      cwd: path.join(EXAMPLES, example),
      env: { ...process.env, ...environment, CDKTF_OUTDIR: outdir },
    });
    for (const stack of (await readdir(path.join(outdir, 'stacks'))).sort()) {
      const json = await readFile(path.join(outdir, 'stacks', stack, 'cdk.tf.json'), 'utf8');
      const name = `${[example, ...Object.values(environment)].join('-')}/${stack}`;
      await mkdir(path.join(folder, 'stacks', name), { recursive: true });
      await writeFile(path.join(folder, 'stacks', name, 'cdk.tf.json'), withoutSettings(json));
      stacks.push({ name, types: typesOf(json) });
    }
    await rm(outdir, { recursive: true });
  }
  return stacks;
}

/** Scans all stacks with one process of Checkov, which takes longer to start than to scan. */
export async function scan(
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

/** Checkov cannot read the `required_version` of the block `terraform`, which declares no resources. */
function withoutSettings(json: string): string {
  const stack = JSON.parse(json) as Record<string, unknown>;
  delete stack.terraform;
  return JSON.stringify(stack, undefined, 2);
}

function typesOf(json: string): ReadonlyMap<string, string> {
  const { resource = {} } = JSON.parse(json) as { resource?: Record<string, Record<string, unknown>> };
  return new Map(
    Object.entries(resource).flatMap(([type, named]) =>
      Object.keys(named).map((name) => [name, type] as const),
    ),
  );
}
