#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { Command } from 'commander';

import { registerHealthCommand } from './health';
import { registerImageContextCommand } from './image-context';
import { registerEndpointSmokeTestCommand } from './endpoint-smoke-test';
import { reportFailure } from './report-failure';
import { registerLocalCommand } from './local';
import { registerScoreCommand } from './score';
import { registerServeCommand } from './serve';
import { registerServeEntryScriptCommand } from './serve-entry-script';
import { registerSmokeTestCommand } from './smoke-test';
import { registerTritonRepositoryCommand } from './triton-repository';

const packageFile = path.resolve(__dirname, '../../../package.json');
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

const program = new Command('cdktf-brainwave')
  .description('Serve, score and smoke-test image-scoring web services.')
  .version(version)
  .showHelpAfterError()
  .exitOverride((error) => {
    // commander's own exit code for a wrong command line is 1; ours says that nothing was tried.
    process.exit(error.exitCode === 0 ? 0 : 2);
  });

registerScoreCommand(program);
registerSmokeTestCommand(program);
registerEndpointSmokeTestCommand(program);
registerServeCommand(program);
registerServeEntryScriptCommand(program);
registerLocalCommand(program);
registerHealthCommand(program);
registerTritonRepositoryCommand(program);
registerImageContextCommand(program);

program.parseAsync().catch(reportFailure);
