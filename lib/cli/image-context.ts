import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

import type { Command } from 'commander';

import { NODE_IMAGE } from '../contract/container-images';
import { UsageError } from './report-failure';

interface Options {
  readonly model: string;
  readonly name: string;
  readonly modelVersion: string;
  readonly baseImage?: string | undefined;
  readonly output: string;
}

/** `cdktf-brainwave image-context`: writes the build context of the scoring server's container image. */
export function registerImageContextCommand(program: Command): void {
  program
    .command('image-context')
    .description("write the build context of the scoring server's container image, with its Dockerfile")
    .requiredOption('--model <zip>', 'zip of the service definition')
    .requiredOption('--name <name>', 'model name that clients may request')
    .option('--model-version <version>', "the model's version", '1')
    .option(
      '--base-image <image>',
      'base image with Node.js 20.12 or later, npm, a shell and the GNU C library',
    )
    .requiredOption('--output <folder>', 'new or empty folder for the context')
    .action(async ({ model, name, modelVersion, baseImage, output }: Options) => {
      if (existsSync(output) && readdirSync(output).length > 0) {
        throw new UsageError(
          `${output} is not empty, and its content would become part of the image; pass a new folder`,
        );
      }
      const { readServiceDefinition, writeServiceDefinition } =
        require('../service-definition/index') as typeof import('../service-definition/index');
      const { makeFolder, writeWholeFile } =
        require('../files/whole-file') as typeof import('../files/whole-file');
      const { buildContextFiles } = require('../container/index') as typeof import('../container/index');
      const content = await readServiceDefinition(model);
      const files = buildContextFiles({
        modelName: name,
        modelVersion,
        definition: content.definition,
        // Write the validated content, not the original zip.
        zip: writeServiceDefinition(content),
        baseImage: baseImage ?? NODE_IMAGE,
      });
      for (const [file, bytes] of files) {
        const target = path.join(output, file);
        await makeFolder(path.dirname(target));
        await writeWholeFile(target, bytes);
      }
      process.stdout.write(
        `${files.size} files in ${output}; build the image with: docker build ${output}\n`,
      );
    });
}
