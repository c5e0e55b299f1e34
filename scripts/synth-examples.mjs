// Synthesizes every example, each in its own folder, so that each writes its own cdktf.out. Takes names of examples
// to synthesize no others.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const examples = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../examples');
const tsx = createRequire(import.meta.url).resolve('tsx/cli');

const known = readdirSync(examples)
  .filter((name) => existsSync(path.join(examples, name, 'main.ts')))
  .sort();
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`there is no example ${unknown.join(', ')}; there are ${known.join(', ')}`);
  process.exit(1);
}

const names = asked.length > 0 ? asked : known;
let failures = 0;
for (const name of names) {
  const started = performance.now();
  const { output, reason } = await synthesize(path.join(examples, name));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${reason === undefined ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (reason !== undefined) {
    failures += 1;
    console.error(`${output.trimEnd()}\n${name}: ${reason}`);
  }
}
console.log(`${names.length - failures} of ${names.length} examples synthesized`);
process.exitCode = failures === 0 ? 0 : 1;

/** Runs an example's main.ts. The reason says why it failed. */
function synthesize(folder) {
  const written = path.join(folder, 'cdktf.out');
  rmSync(written, { recursive: true, force: true });
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [tsx, 'main.ts'], { cwd: folder });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.once('error', (error) => resolve({ output, reason: error.message }));
    child.once('close', (code, signal) => {
      if (code !== 0) {
        resolve({ output, reason: `main.ts ended with ${signal ?? code}` });
      } else if (!existsSync(path.join(written, 'manifest.json'))) {
        resolve({ output, reason: 'main.ts wrote no cdktf.out; does it end with app.synth()?' });
      } else {
        resolve({ output });
      }
    });
  });
}
