// Synthesizes every program of the examples, each in its own folder, so that each writes the cdktf.out of its README.
// Arguments are the names of the examples to synthesize; by default all.
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';

import { EXAMPLES, examplePrograms, type ExampleProgram } from './example-programs';

void main(process.argv.slice(2));

async function main(asked: readonly string[]): Promise<void> {
  const known = examplePrograms();
  const examples = new Set(known.map(({ example }) => example));
  const unknown = asked.filter((name) => !examples.has(name));
  if (unknown.length > 0) {
    console.error(`unknown example ${unknown.join(', ')}; use ${[...examples].join(', ')}`);
    process.exitCode = 1;
    return;
  }
  const programs = known.filter(({ example }) => asked.length === 0 || asked.includes(example));
  for (const example of new Set(programs.map((program) => program.example))) {
    rmSync(path.join(EXAMPLES, example, 'cdktf.out'), { recursive: true, force: true });
  }
  let failures = 0;
  for (const program of programs) {
    const started = performance.now();
    const { output, reason } = await synthesize(program);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${reason === undefined ? 'ok    ' : 'FAILED'} ${program.name} (${seconds} s)`);
    if (reason !== undefined) {
      failures += 1;
      console.error(`${output.trimEnd()}\n${program.name}: ${reason}`);
    }
  }
  console.log(`${programs.length - failures} of ${programs.length} programs synthesized`);
  process.exitCode = failures === 0 ? 0 : 1;
}

/** Runs a program. `reason` is set if it failed. */
function synthesize(program: ExampleProgram): Promise<{ output: string; reason?: string }> {
  const folder = path.join(EXAMPLES, program.example);
  const manifest = path.join(folder, 'cdktf.out/manifest.json');
  rmSync(manifest, { force: true });
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [require.resolve('tsx/cli'), program.file], {
      cwd: folder,
      env: { ...process.env, ...program.environment },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', (error) => {
      resolve({ output, reason: error.message });
    });
    child.once('close', (code, signal) => {
      if (code !== 0) {
        resolve({ output, reason: `the program ended with ${signal ?? String(code)}` });
      } else if (!existsSync(manifest)) {
        resolve({ output, reason: 'the program wrote no cdktf.out; does it end with app.synth()?' });
      } else {
        resolve({ output });
      }
    });
  });
}
