import type { Command } from 'commander';

import { exitCodeOf } from '../errors/exit-code';
import { reportFailure } from './report-failure';

interface Options {
  readonly config: string;
  readonly instance: string;
  readonly stateFile: string;
}

/** `cdktf-brainwave serve-entry-script`: process of a local online endpoint. */
export function registerServeEntryScriptCommand(program: Command): void {
  program
    .command('serve-entry-script', { hidden: true })
    .description('run an entry script with the Azure ML inference server; LocalOnlineEndpoint starts it')
    .requiredOption('--config <file>')
    .requiredOption('--instance <id>')
    .requiredOption('--state-file <file>')
    .action(async ({ config, instance, stateFile }: Options) => {
      const { runServingLoop } =
        require('../serving/serving-loop') as typeof import('../serving/serving-loop');
      const { readEndpointConfiguration } =
        require('../serving/configuration-file') as typeof import('../serving/configuration-file');
      const { ServedEndpoint } =
        require('../entry-script/served-endpoint') as typeof import('../entry-script/served-endpoint');
      try {
        await runServingLoop({
          configuration: () => readEndpointConfiguration(config),
          start: (configuration, log, signal) => ServedEndpoint.start(configuration, log, signal),
          instance,
          stateFile,
        });
        process.exit(0);
      } catch (error) {
        reportFailure(error);
        process.exit(exitCodeOf(error));
      }
    });
}
