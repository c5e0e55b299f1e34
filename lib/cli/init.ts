import { existsSync } from 'node:fs';
import path from 'node:path';

import type { Command } from 'commander';

import { PACKAGE_FOLDER } from '../files/package-folder';
import { makeFolder, writeWholeFile } from '../files/whole-file';
import { UsageError } from './report-failure';

/** `cdktf-brainwave init`: creates a project with a stack that runs on this machine. */
export function registerInitCommand(program: Command): void {
  program
    .command('init')
    .description('create a project: a stack for this machine with a sample model, its test and a workflow')
    .argument('[folder]', 'new or existing folder', '.')
    .action(async (folder: string) => {
      const { projectFiles } = require('./init/project-files') as typeof import('./init/project-files');
      const files = projectFiles(PACKAGE_FOLDER);
      const existing = [...files.keys()].filter((file) => existsSync(path.join(folder, file)));
      if (existing.length > 0) {
        throw new UsageError(
          `${folder} already contains ${existing.join(', ')}, which init does not overwrite; pass a new or empty folder`,
        );
      }
      for (const [file, content] of files) {
        const target = path.join(folder, file);
        await makeFolder(path.dirname(target));
        await writeWholeFile(target, content);
        process.stdout.write(`${path.join(folder, file)}\n`);
      }
      const enter = path.resolve(folder) === process.cwd() ? '' : `cd ${folder} && `;
      process.stdout.write(
        `\nDeploy the service: ${enter}npm install && npm run deploy\nREADME.md says how to run your own model.\n`,
      );
    });
}
