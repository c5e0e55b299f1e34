import { existsSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import path from 'node:path';

import type { TerraformBinary } from '../../lib/terraform';
import { localServices } from './local-services';
import { example, root, shown } from './project';
import { StackSmokeTest } from './smoke-test';
import { StepFailedError } from './step-failed-error';
import { runSteps } from './steps';
import { synthesize } from './synthesize';
import { describeBinary, provideTerraform, terraform } from './terraform';

const state = path.join(example, 'terraform.quickstart.tfstate');

/** Destroys what `deploy` made, and removes the files that it left. */
export async function destroy(): Promise<void> {
  if (!existsSync(state)) {
    await requireNoService();
    process.stdout.write('There is nothing to destroy: the quickstart is not deployed.\n');
    return;
  }
  let binary: TerraformBinary | undefined;
  await runSteps([
    {
      title: 'find Terraform',
      run: async ({ say, done }) => {
        binary = await provideTerraform(say);
        done(describeBinary(binary));
      },
    },
    { title: 'synthesize examples/quickstart with CDKTF', run: synthesize },
    {
      title: 'terraform destroy',
      run: async ({ say, done }) => {
        await terraform(binary!, 'init', say);
        const { removed } = await terraform(binary!, 'destroy', say);
        done(`terraform destroy: ${removed} destroyed`);
      },
    },
    { title: 'remove the report, the synthesized stack and the state', run: removeFiles },
  ]);
}

/** A service outlives a state file that was removed by hand. */
async function requireNoService(): Promise<void> {
  const service = (await localServices()).find(({ name }) => name.startsWith('quickstart-'));
  if (service) {
    throw new StepFailedError(
      `Terraform's state (${shown(state)}) is gone, but the service ${service.name} is there; ` +
        `stop it with \`npx cdktf-brainwave local down ${service.name}\`, ` +
        'or run `npm run quickstart`, which takes it over, and destroy it then',
    );
  }
}

async function removeFiles(): Promise<void> {
  const { reportFile } = await StackSmokeTest.find();
  const files = [reportFile, path.join(example, 'cdktf.out'), state, `${state}.backup`];
  await Promise.all(files.map((file) => rm(file, { recursive: true, force: true })));
  for (const folder of ['models', 'reports', 'services', '.']) {
    // What other stacks of this project keep there stays.
    await rmdir(path.join(root, '.cdktf-brainwave', folder)).catch(() => undefined);
  }
}
