import { createReadStream, existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';

import type { Command } from 'commander';

import type { LocalService, LocalServiceStatus } from '../local/local-service';
import { LocalError } from '../local/local-error';
import { findProjectFolder, findStateFolder } from '../local/project-folder';
import { reportFailure } from './report-failure';

/** `cdktf-brainwave local`: the services that `LocalCompute` deployed on this machine. */
export function registerLocalCommand(program: Command): void {
  const local = program.command('local').description('services that LocalCompute deployed on this machine');

  local
    .command('status')
    .description('list the services of this project')
    .argument('[name]', 'one service')
    .option('--json', 'an array for programs')
    .action((name: string | undefined, options: { json?: true }) =>
      run(async () => {
        const all = await statuses(name);
        process.stdout.write(options.json ? `${JSON.stringify(all, undefined, 2)}\n` : describe(all));
      }),
    );

  local
    .command('up')
    .description('start services again whose process has ended')
    .argument('[name]', 'one service; all of the project unless given')
    .action((name: string | undefined) =>
      run(async () => {
        const all = await services(name);
        for (const service of all) {
          await service.upAgain(print(service.name));
        }
        if (all.length === 0) {
          process.stdout.write('no local services\n');
        }
      }),
    );

  local
    .command('down')
    .description('stop a service and remove its keys, certificate and log (Terraform does so on destroy)')
    .argument('<name>')
    .action((name: string) =>
      run(async () => {
        const service = serviceNamed(name);
        if (!existsSync(service.folderPath)) {
          // Says which there are.
          await service.status();
        }
        await service.down(print(name));
      }),
    );

  local
    .command('logs')
    .description("print a service's log")
    .argument('[name]', 'one service; all of the project unless given')
    .action((name: string | undefined) =>
      run(async () => {
        for (const service of await services(name)) {
          if (!existsSync(service.logFile)) {
            // Says which there are.
            await service.status();
            continue;
          }
          if (!(await printFile(service.logFile))) {
            return;
          }
        }
      }),
    );
}

async function run(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    reportFailure(error);
  }
}

/**
 * The local service of a name, or the only one there is.
 * @throws LocalError SERVICE_NOT_FOUND, naming those that there are
 */
export async function resolveLocalService(name?: string): Promise<LocalServiceStatus> {
  if (name !== undefined) {
    return serviceNamed(name).status();
  }
  const all = await statuses();
  const only = all.at(0);
  if (!only || all.length > 1) {
    const names = all.map((service) => service.name).join(', ');
    throw new LocalError(
      'SERVICE_NOT_FOUND',
      only
        ? `there are several local services (${names}); name one with --service`
        : 'no local service was deployed from this project; name an address with --address HOST:PORT',
    );
  }
  return only;
}

/** Loaded here and not before: commands that may name a local service are mostly given an address. */
function localService(): typeof LocalService {
  return (require('../local/local-service') as typeof import('../local/local-service')).LocalService;
}

function serviceNamed(name: string): LocalService {
  const LocalService = localService();
  return new LocalService(name, findStateFolder(), findProjectFolder());
}

async function services(name?: string): Promise<LocalService[]> {
  if (name !== undefined) {
    return [serviceNamed(name)];
  }
  const all = await localService().list(findStateFolder(), findProjectFolder());
  // One that was reserved and never started is none yet.
  const known = await Promise.all(all.map((service) => service.wasUp()));
  return all.filter((_, index) => known[index]);
}

async function statuses(name?: string): Promise<LocalServiceStatus[]> {
  return Promise.all((await services(name)).map((service) => service.status()));
}

function describe(all: readonly LocalServiceStatus[]): string {
  if (all.length === 0) {
    return 'no local services\n';
  }
  return all
    .map(({ name, ready, address, port, tls, hostname, model, modelVersion, pid, keyFile }) => {
      const state = ready ? 'ready' : pid === null ? 'stopped' : 'loading';
      const security = tls
        ? `TLS for ${hostname ?? address}, keys ${keyFile ? 'on' : 'off'}`
        : 'no TLS, no keys';
      return `${name}  ${state}  ${address}:${port}  ${security}  ${model} ${modelVersion}  pid ${pid ?? '-'}\n`;
    })
    .join('');
}

/** @returns whether there is still a reader: `head` leaves when it has seen enough */
async function printFile(file: string): Promise<boolean> {
  try {
    await pipeline(createReadStream(file), process.stdout, { end: false });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') {
      return false;
    }
    throw error;
  }
}

function print(name: string): (message: string) => void {
  return (message) => {
    process.stdout.write(`${name}: ${message}\n`);
  };
}
