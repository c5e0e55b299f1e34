import type { Command } from 'commander';

import { UnavailableError } from '../errors/prediction-errors';
import { readServeConfiguration } from '../server/serve-configuration';
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

/** `cdktf-brainwave health`: what a container's health check runs. */
export function registerHealthCommand(program: Command): void {
  program
    .command('health')
    .description("ask a server's plaintext health port whether it serves; succeeds when it does")
    .option('--config <file>', "the server's configuration file, for its health port")
    .option('--host <address>', 'where the server listens', '127.0.0.1')
    .option('--port <number>', "the server's health port", numberOption(PORT_NUMBER))
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
  const { PredictionClient } = await import('../client/prediction-client.js');
  const healthPort = port ?? (config === undefined ? undefined : await configuredPort(config));
  if (healthPort === undefined) {
    throw new UsageError('nothing to ask; give --port NUMBER, or --config FILE');
  }
  const address = `${host.includes(':') ? `[${host}]` : host}:${healthPort}`;
  const client = new PredictionClient({ address, plaintext: true, deadlineMs: callTimeoutSeconds * 1000 });
  try {
    const status = await client.health();
    if (status !== 'SERVING') {
      throw new UnavailableError(`the server at ${address} answers, but is ${status}`);
    }
  } finally {
    client.close();
  }
}

async function configuredPort(file: string): Promise<number> {
  const { healthPort, port, tls } = await readServeConfiguration(file);
  if (healthPort === undefined && tls) {
    throw new UsageError(
      `${file} sets no healthPort, and its port ${port} speaks TLS; set healthPort, a plaintext port for health checks`,
    );
  }
  return healthPort ?? port;
}
