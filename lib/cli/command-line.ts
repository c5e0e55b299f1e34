import { readFileSync } from 'node:fs';
import path from 'node:path';

import { Command } from 'commander';

import { PACKAGE_FOLDER } from '../files/package-folder';
import { outliveReaders } from './lost-reader';
import { reportFailure } from './report-failure';

/** Commands by name, in the order of the help. A command's module is loaded only when needed. */
export type Commands = ReadonlyMap<string, () => (program: Command) => void>;

/** Runs the command that the arguments of this process ask for. */
export function runCommandLine(commands: Commands): void {
  const packageFile = path.join(PACKAGE_FOLDER, 'package.json');
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };
  const program = new Command('cdktf-brainwave')
    .description('Create, serve, score and smoke-test image-scoring web services.')
    .version(version)
    .showHelpAfterError()
    .exitOverride((error) => {
      // commander's exit code for usage errors is 1, which this CLI reserves for wrong answers.
      process.exit(error.exitCode === 0 ? 0 : 2);
    });
  const asked = commands.get(process.argv[2] ?? '');
  for (const load of asked ? [asked] : commands.values()) {
    load()(program);
  }
  outliveReaders([process.stdout, process.stderr]);
  program.parseAsync().catch(reportFailure);
}
