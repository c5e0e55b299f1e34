#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { Command } from 'commander';

import { outliveReaders } from './lost-reader';
import { reportFailure } from './report-failure';

/** Commands in the order of the help. A command's module is loaded only when needed. */
const COMMANDS: ReadonlyMap<string, () => (program: Command) => void> = new Map([
  ['init', () => (require('./init') as typeof import('./init')).registerInitCommand],
  ['score', () => (require('./score') as typeof import('./score')).registerScoreCommand],
  ['smoke-test', () => (require('./smoke-test') as typeof import('./smoke-test')).registerSmokeTestCommand],
  ['playground', () => (require('./playground') as typeof import('./playground')).registerPlaygroundCommand],
  ['serve', () => (require('./serve') as typeof import('./serve')).registerServeCommand],
  [
    'serve-entry-script',
    () =>
      (require('./serve-entry-script') as typeof import('./serve-entry-script'))
        .registerServeEntryScriptCommand,
  ],
  ['local', () => (require('./local') as typeof import('./local')).registerLocalCommand],
  ['health', () => (require('./health') as typeof import('./health')).registerHealthCommand],
  [
    'triton-repository',
    () =>
      (require('./triton-repository') as typeof import('./triton-repository'))
        .registerTritonRepositoryCommand,
  ],
  [
    'image-context',
    () => (require('./image-context') as typeof import('./image-context')).registerImageContextCommand,
  ],
  [
    'plan-impact',
    () => (require('./plan-impact') as typeof import('./plan-impact')).registerPlanImpactCommand,
  ],
  ['doctor', () => (require('./doctor') as typeof import('./doctor')).registerDoctorCommand],
]);

const packageFile = path.resolve(__dirname, '../../../package.json');
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

const program = new Command('cdktf-brainwave')
  .description('Create, serve, score and smoke-test image-scoring web services.')
  .version(version)
  .showHelpAfterError()
  .exitOverride((error) => {
    // commander's exit code for usage errors is 1, which this CLI reserves for wrong answers.
    process.exit(error.exitCode === 0 ? 0 : 2);
  });

const asked = COMMANDS.get(process.argv[2] ?? '');
for (const load of asked ? [asked] : COMMANDS.values()) {
  load()(program);
}

outliveReaders([process.stdout, process.stderr]);
program.parseAsync().catch(reportFailure);
