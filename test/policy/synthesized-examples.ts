import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { EXAMPLES, examplePrograms } from '../../scripts/synth-examples/example-programs';

const run = promisify(execFile);

/** A synthesized stack: the types of its resources by their names, which are unique in a stack. */
export interface SynthesizedStack {
  /** `<example>/<stack>`, or `<example>-<platform>/<stack>`. */
  readonly name: string;
  readonly types: ReadonlyMap<string, string>;
}

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
