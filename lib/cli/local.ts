import { createReadStream } from 'node:fs';

import type { Command } from 'commander';

import { LocalService, type LocalServiceStatus } from '../local/local-service';
import { LocalError } from '../local/local-error';
import { findProjectFolder, findStateFolder } from '../local/project-folder';

/** `cdktf-brainwave local`: the services that `LocalCompute` deployed on this machine. */
export function registerLocalCommand(program: Command): void {
  const local = program.command('local').description('services that LocalCompute deployed on this machine');

  local
    .command('status')
    .description('list the services of this project')
    .argument('[name]', 'one service')
    .option('--json', 'an array for programs')
    .action(async (name: string | undefined, options: { json?: true }) => {
      const all = await statuses(name);
      process.stdout.write(options.json ? `${JSON.stringify(all, undefined, 2)}\n` : describe(all));
    });

  local
    .command('up')
    .description('start a service again whose process has ended')
    .argument('[name]', 'one service', undefined)
    .action(async (name: string | undefined) => {
      for (const service of await services(name)) {
        await service.upAgain(print(service.name));
      }
    });

  local
    .command('down')
    .description('stop a service and remove its keys, certificate and log (Terraform does so on destroy)')
    .argument('<name>')
    .action(async (name: string) => {
      await serviceNamed(name).down(print(name));
    });

  local
    .command('logs')
    .description("print a service's log")
    .argument('[name]')
    .action(async (name: string | undefined) => {
      for (const { logFile } of await statuses(name)) {
        await new Promise<void>((resolve, reject) => {
          createReadStream(logFile)
            .on('error', reject)
            .on('end', resolve)
            .pipe(process.stdout, { end: false });
        });
      }
    });
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
  const [only] = all;
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

function serviceNamed(name: string): LocalService {
  return new LocalService(name, findStateFolder(), findProjectFolder());
}

async function services(name?: string): Promise<LocalService[]> {
  return name === undefined ? LocalService.list(findStateFolder(), findProjectFolder()) : [serviceNamed(name)];
}

async function statuses(name?: string): Promise<LocalServiceStatus[]> {
  if (name !== undefined) {
    return [await serviceNamed(name).status()];
  }
  const all = await Promise.allSettled((await services()).map((service) => service.status()));
  // A folder without a specification is a service that was reserved and never started.
  return all.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

function describe(all: readonly LocalServiceStatus[]): string {
  if (all.length === 0) {
    return 'no local services\n';
  }
  return all
    .map(({ name, ready, address, port, tls, hostname, model, modelVersion, pid, keyFile }) => {
      const state = ready ? 'ready' : pid === null ? 'stopped' : 'loading';
      const security = tls ? `TLS for ${hostname ?? address}, keys ${keyFile ? 'on' : 'off'}` : 'no TLS, no keys';
      return `${name}  ${state}  ${address}:${port}  ${security}  ${model} ${modelVersion}  pid ${pid ?? '-'}\n`;
    })
    .join('');
}

function print(name: string): (message: string) => void {
  return (message) => {
    process.stdout.write(`${name}: ${message}\n`);
  };
}
