import type { Command } from 'commander';

import { HEALTH_PORT } from '../contract/image-layout';
import { METRICS_PATH } from '../contract/operations';
import { exitCodeOf, exitCodes } from '../errors/exit-code';
import { interruption } from '../process/interruption';
import { LISTENING_PORT } from '../validation/number-range';
import { resolveLocalService } from './local';
import { numberOption } from './number-option';
import { reportFailure, UsageError } from './report-failure';
import { addServiceFlags, findService, type ServiceFlags } from './service-flags';

interface PlaygroundFlags extends ServiceFlags {
  readonly port: number;
  readonly metricsAddress?: string | undefined;
}

/** `cdktf-brainwave playground`: serves a page on which a user tries a service. */
export function registerPlaygroundCommand(program: Command): void {
  const command = program
    .command('playground')
    .description('serve a page on this machine to try a web service (default: the only local one)')
    .option('--port <number>', 'port of the page', numberOption(LISTENING_PORT), 0)
    .option('--metrics-address <host:port>', 'health port of the service, which has its metrics');
  addServiceFlags(command).action(async (flags: PlaygroundFlags) => {
    const exitCode = await servePlayground(flags).catch((error: unknown) => {
      reportFailure(error);
      return exitCodeOf(error);
    });
    // A hanging connection attempt would keep the process running for minutes.
    process.exit(exitCode);
  });
}

async function servePlayground(flags: PlaygroundFlags): Promise<number> {
  const { ServiceConnection } =
    require('../playground/service-connection') as typeof import('../playground/service-connection');
  const { PlaygroundServer } =
    require('../playground/playground-server') as typeof import('../playground/playground-server');
  const { MetricsFeed } =
    require('../playground/metrics-feed') as typeof import('../playground/metrics-feed');
  const interrupted = interruption();
  if (flags.metricsAddress !== undefined) {
    // Rejects an invalid address now rather than on the page.
    metricsUrl(flags.metricsAddress);
  }
  const service = await ServiceConnection.open(() => findService(flags, resolveLocalService));
  const metrics = new MetricsFeed(() => findMetrics(flags));
  const server = await PlaygroundServer.start({
    service,
    metrics,
    port: flags.port,
    onDefect: reportFailure,
  }).catch((error: unknown) => {
    throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      ? new UsageError(`--port is ${flags.port}, which is in use; choose another, or leave it out`)
      : error;
  });
  process.stdout.write(`Try ${service.address} on this page, until Ctrl+C:\n${server.url}\n`);
  if (!interrupted.aborted) {
    await new Promise((resolve) => {
      interrupted.addEventListener('abort', resolve, { once: true });
    });
  }
  await server.close();
  service.close();
  return exitCodes.passed;
}

async function findMetrics({
  metricsAddress,
  address,
  service,
}: PlaygroundFlags): Promise<string | undefined> {
  if (metricsAddress !== undefined) {
    return metricsUrl(metricsAddress);
  }
  return address === undefined ? ((await resolveLocalService(service)).metricsUrl ?? undefined) : undefined;
}

function metricsUrl(address: string): string {
  const { formatAddress, parseAddress } =
    require('../connection/address') as typeof import('../connection/address');
  return `http://${formatAddress(parseAddress(address, HEALTH_PORT))}${METRICS_PATH}`;
}
