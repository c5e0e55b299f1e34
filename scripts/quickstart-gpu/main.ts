import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { providePythonEnvironment } from '../../lib/entry-script/python-environment';
import { deploymentSteps } from '../quickstart/deploy';
import { destructionSteps, requireNothingLeft } from '../quickstart/destroy';
import { gpu, root, shown } from '../quickstart/project';
import { runCommand } from '../quickstart/run-command';
import { StackSmokeTest } from '../quickstart/smoke-test';
import { runSteps, type Step } from '../quickstart/steps';

// Terraform's check for updates writes into the home directory; CDKTF runs Terraform at synth, too.
process.env.CHECKPOINT_DISABLE ??= '1';

const environments = path.join(root, '.cdktf-brainwave/python');

async function deploy(): Promise<void> {
  await runSteps([
    { title: 'train the classifier (scikit-learn digits, scaled to 28 x 28)', run: train },
    ...deploymentSteps(gpu),
  ]);
  await showResult();
}

async function train({ say, done }: Step): Promise<void> {
  const python = await providePythonEnvironment({
    requirements: await readFile(path.join(gpu.folder, 'training/requirements.txt'), 'utf8'),
    folder: environments,
    onProgress: say,
  });
  const script = path.join(gpu.folder, 'training/train.py');
  const said = await runCommand(python, [script, path.join(gpu.folder, 'model')], { cwd: gpu.folder });
  done(`train the classifier (scikit-learn digits, scaled to 28 x 28): ${said.trim()}`);
}

async function destroy(): Promise<void> {
  if (!existsSync(gpu.state)) {
    await requireNothingLeft(gpu);
    process.stdout.write('Nothing to destroy: the example is not deployed.\n');
    return;
  }
  await runSteps(destructionSteps(gpu));
  process.stdout.write(`The Python packages stay in ${shown(environments)} for the next run.\n`);
}

/** A random row's label and its prediction, as the Azure ML guide prints them. */
async function showResult(): Promise<void> {
  const smokeTest = await StackSmokeTest.find(gpu);
  const report = await smokeTest.report();
  const sample = JSON.parse(await readFile(path.join(gpu.folder, 'sample.json'), 'utf8')) as {
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

(process.argv[2] === 'destroy' ? destroy() : deploy()).catch((error: unknown) => {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
