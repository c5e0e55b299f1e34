import type { Command } from 'commander';

import { UnavailableError } from '../errors/prediction-errors';
import { readServeConfiguration } from '../serving/configuration-file';
import { exitCodeOf } from '../errors/exit-code';
import { reportFailure, UsageError } from './report-failure';
import { PORT_NUMBER, numberAbove } from '../validation/number-range';
import { numberOption } from './number-option';

interface HealthOptions {
  readonly config?: string | undefined;
  readonly host: string;
  readonly port?: number | undefined;
  readonly callTimeoutSeconds: number;
}

const CALL_TIMEOUT_SECONDS = 4;

/** `cdktf-brainwave health`: health check of the container image. */
export function registerHealthCommand(program: Command): void {
  program
    .command('health')
    .description("query a server's plaintext health port; succeeds if the server is serving")
    .option('--config <file>', 'configuration file of the server, to read the health port from')
    .option('--host <address>', 'address that the server listens on', '127.0.0.1')
    .option('--port <number>', 'health port of the server', numberOption(PORT_NUMBER))
    .option(
      '--call-timeout-seconds <number>',
      'time limit for the call',
      numberOption(numberAbove(0)),
      CALL_TIMEOUT_SECONDS,
    )
    .action(async (options: HealthOptions) => {
      try {
        await requireServing(options);
        process.exit(0);
      } catch (error) {
        reportFailure(error);
        process.exit(exitCodeOf(error));
      }
    });
}

async function requireServing({ config, host, port, callTimeoutSeconds }: HealthOptions): Promise<void> {
  const { PredictionClient } =
    require('../client/prediction-client') as typeof import('../client/prediction-client');
  const healthPort = port ?? (config === undefined ? undefined : await configuredPort(config));
  if (healthPort === undefined) {
    throw new UsageError('got no health port; pass --port NUMBER or --config FILE');
  }
  const address = `${host.includes(':') ? `[${host}]` : host}:${healthPort}`;
  const client = new PredictionClient({ address, plaintext: true, deadlineMs: callTimeoutSeconds * 1000 });
  try {
    const status = await client.health();
    if (status !== 'SERVING') {
      throw new UnavailableError(`the server at ${address} responds, but is ${status}`);
    }
  } finally {
    client.close();
  }
}

async function configuredPort(file: string): Promise<number> {
  const { healthPort, port, tls } = await readServeConfiguration(file);
  if (healthPort === undefined && tls) {
    throw new UsageError(
      `${file} sets no healthPort, and its port ${port} requires TLS; set healthPort to a plaintext port for health checks`,
    );
  }
  return healthPort ?? port;
}
