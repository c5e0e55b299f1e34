import path from 'node:path';

import type { Command } from 'commander';

import { makeFolder, writeWholeFile } from '../files/whole-file';

interface Options {
  readonly model: string;
  readonly output: string;
}

/** `cdktf-brainwave triton-repository`: writes the model repository for a Triton server next to the scoring server. */
export function registerTritonRepositoryCommand(program: Command): void {
  program
    .command('triton-repository')
    .description("write Triton's model repository for the brainwave stages of a service definition")
    .requiredOption('--model <zip>', "the service definition's zip")
    .requiredOption('--output <folder>', "the repository's folder")
    .action(async ({ model, output }: Options) => {
      const { readServiceDefinition } =
        require('../service-definition/index') as typeof import('../service-definition/index');
      const { tritonRepository } =
        require('../triton/triton-repository') as typeof import('../triton/triton-repository');
      for (const [name, content] of tritonRepository(await readServiceDefinition(model))) {
        const file = path.join(output, name);
        await makeFolder(path.dirname(file));
        await writeWholeFile(file, content);
        process.stdout.write(`${file}\n`);
      }
    });
}
