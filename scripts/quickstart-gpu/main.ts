import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import { providePythonEnvironment } from '../../lib/entry-script/python-environment';
import type { SmokeTestReport } from '../../lib/smoke-test';
import { provideTerraform } from '../quickstart/terraform';

// Terraform's check for updates writes into the home directory; CDKTF runs Terraform at synth, too.
process.env.CHECKPOINT_DISABLE ??= '1';

const root = path.resolve(__dirname, '../..');
const example = path.join(root, 'examples/gpu');
const state = path.join(example, 'terraform.gpu.tfstate');
const stackFolder = path.join(example, 'cdktf.out/stacks/gpu');
const reportFile = path.join(root, '.cdktf-brainwave/reports/gpu-smoke-test.json');
const environments = path.join(root, '.cdktf-brainwave/python');

async function deploy(): Promise<void> {
  say('training the classifier (scikit-learn digits, scaled to 28 x 28)');
  const python = await providePythonEnvironment({
    requirements: await readFile(path.join(example, 'training/requirements.txt'), 'utf8'),
    folder: environments,
    onProgress: say,
  });
  await run(python, [path.join(example, 'training/train.py'), path.join(example, 'model')], example);
  await terraform('apply');
  await showResult();
}

async function destroy(): Promise<void> {
  if (!existsSync(state)) {
    say('there is nothing to destroy: the example is not deployed');
    return;
  }
  await terraform('destroy');
  const files = [reportFile, path.join(example, 'cdktf.out'), state, `${state}.backup`];
  await Promise.all(files.map((file) => rm(file, { recursive: true, force: true })));
  say(`destroyed; the Python packages stay in ${path.relative(root, environments)} for the next time`);
}

async function terraform(subcommand: 'apply' | 'destroy'): Promise<void> {
  const binary = await provideTerraform(say);
  say('synthesizing examples/gpu');
  await rm(path.join(example, 'cdktf.out'), { recursive: true, force: true });
  await run(process.execPath, [require.resolve('tsx/cli'), 'main.ts'], example);
  await run(binary.path, ['init', '-input=false'], stackFolder);
  await run(binary.path, [subcommand, '-auto-approve', '-input=false'], stackFolder);
}

/** A random row's label and its prediction, as the Azure ML guide prints them. */
async function showResult(): Promise<void> {
  const report = JSON.parse(await readFile(reportFile, 'utf8')) as SmokeTestReport;
  const sample = JSON.parse(await readFile(path.join(example, 'sample.json'), 'utf8')) as {
    label: number;
    request: { data: number[][] };
  };
  const { host, port, path: scorePath = '' } = report.target;
  const answer = JSON.parse(report.samples[0].answer ?? '{}') as { predictions?: number[] };
  process.stdout.write(
    `\n${picture(sample.request.data[0])}\n` +
      `POST to url  https://${host}:${port}${scorePath}\n` +
      `label:       ${sample.label}\n` +
      `prediction:  ${answer.predictions?.join(', ') ?? 'none'}\n` +
      'destroy:     npm run quickstart:gpu:destroy\n',
  );
}

/** Every second row of 28: a character is about twice as high as it is wide. */
function picture(pixels: readonly number[]): string {
  const shades = ' ░▒▓█';
  const rows = Array.from({ length: 14 }, (_, index) => pixels.slice(index * 56, index * 56 + 28));
  return rows.map((row) => `  ${row.map((value) => shades[Math.round(value * 4)]).join('')}\n`).join('');
}

async function run(file: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(file, args, { cwd, stdio: 'inherit', env: { ...process.env, TF_IN_AUTOMATION: '1' } });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) {
    throw new Error(
      `${path.basename(file)} ${args[0] ?? ''} ended with ${code ?? 'a signal'}; its output is above`,
    );
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

(process.argv[2] === 'destroy' ? destroy() : deploy()).catch((error: unknown) => {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
