import { existsSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import path from 'node:path';

import { LocalWorkloads } from '../../lib/local/local-workloads';
import type { TerraformBinary } from '../../lib/terraform/terraform-binary';
import { localServices } from './local-services';
import { quickstart, root, shown, type Example } from './project';
import { StackSmokeTest } from './smoke-test';
import { StepFailedError } from './step-failed-error';
import { runSteps, type NamedStep } from './steps';
import { synthesize } from './synthesize';
import { describeBinary, provideTerraform, terraform } from './terraform';

/** Destroys the resources of `deploy` and removes its files. */
export async function destroy(): Promise<void> {
  if (!existsSync(quickstart.state)) {
    await requireNothingLeft(quickstart);
    process.stdout.write('Nothing to destroy: the quickstart is not deployed.\n');
    return;
  }
  await runSteps(destructionSteps(quickstart));
}

/** Destroys an example and removes its files. */
export function destructionSteps(example: Example): NamedStep[] {
  let binary: TerraformBinary | undefined;
  return [
    {
      title: 'find Terraform',
      run: async ({ say, done }) => {
        binary = await provideTerraform(say);
        done(describeBinary(binary));
      },
    },
    { title: `synthesize examples/${example.name} with CDKTF`, run: () => synthesize(example) },
    {
      title: 'terraform destroy',
      run: async ({ say, done }) => {
        await terraform(example, binary!, 'init', say);
        const { removed } = await terraform(example, binary!, 'destroy', say);
        done(`terraform destroy: ${removed} destroyed`);
      },
    },
    { title: 'remove the report, the synthesized stack and the state', run: () => removeFiles(example) },
  ];
}

/**
 * Detects a service that is still deployed although the state file was removed by hand.
 * @throws StepFailedError if there is one
 */
export async function requireNothingLeft({ name: stack, state, script }: Example): Promise<void> {
  const orphans = await LocalWorkloads.of(root).orphans();
  const service = [...(await localServices()), ...orphans].find(({ name }) => name.startsWith(`${stack}-`));
  if (service) {
    throw new StepFailedError(
      `Terraform's state (${shown(state)}) was removed, but ${service.name} is still deployed; ` +
        `remove it with \`npx cdktf-brainwave local down ${service.name} --remove\`, ` +
        `or run \`npm run ${script}\`, which takes it over, and destroy it afterwards`,
    );
  }
}

async function removeFiles(example: Example): Promise<void> {
  const { folder: exampleFolder, state } = example;
  const { reportFile } = await StackSmokeTest.find(example);
  const files = [reportFile, path.join(exampleFolder, 'cdktf.out'), state, `${state}.backup`];
  await Promise.all(files.map((file) => rm(file, { recursive: true, force: true })));
  for (const folder of ['models', 'reports', 'services', 'endpoints', '.']) {
    // Keep the files of other stacks of this project.
    await rmdir(path.join(root, '.cdktf-brainwave', folder)).catch(() => undefined);
  }
}
