import { createReadStream, existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';

import { Option, type Command } from 'commander';

import type { WorkloadKind } from '../contract/folder-layout';
import type { LocalEndpointStatus } from '../entry-script/local-endpoint';
import type { LocalServiceStatus } from '../local/local-service';
import type { LocalWorkloadStatus } from '../local/local-workload';
import type * as LocalWorkloads from './local-workloads';
import { isLostReader } from './lost-reader';
import { reportFailure } from './report-failure';

/** `cdktf-brainwave local`: the services and endpoints that stacks deployed on this machine. */
export function registerLocalCommand(program: Command): void {
  const local = program
    .command('local')
    .description('services and online endpoints that were deployed on this machine');

  local
    .command('status')
    .description('list the services and endpoints of this project')
    .argument('[name]', 'one of them')
    .option('--json', 'an array for programs')
    .action((name: string | undefined, options: { json?: true | undefined }) =>
      run(async ({ findWorkloads }) => {
        const found = await findWorkloads(name);
        const all = await Promise.all(found.map((workload) => workload.status()));
        process.stdout.write(options.json ? `${JSON.stringify(all, undefined, 2)}\n` : describe(all));
      }),
    );

  local
    .command('up')
    .description('start services and endpoints again whose process has ended')
    .argument('[name]', 'one of them; all of the project unless given')
    .action((name: string | undefined) =>
      run(async ({ findWorkloads, bringUp }) => {
        const all = await findWorkloads(name);
        await bringUp(all, print);
        if (all.length === 0) {
          process.stdout.write('no local services\n');
        }
      }),
    );

  local
    .command('down')
    .description(
      'stop a service or an endpoint and remove its keys, certificate and log (Terraform does so on destroy)',
    )
    .argument('<name>')
    .addOption(
      new Option('--kind <kind>', 'which, where both have the name').choices(['service', 'endpoint']),
    )
    .action((name: string, { kind }: { kind?: WorkloadKind | undefined }) =>
      run(async ({ findOne }) => {
        await (await findOne(name, kind)).down(print(name));
      }),
    );

  local
    .command('logs')
    .description('print the log of a service or an endpoint')
    .argument('[name]', 'one of them; all of the project unless given')
    .action((name: string | undefined) =>
      run(async ({ findWorkloads }) => {
        for (const workload of await findWorkloads(name)) {
          if (!existsSync(workload.logFile)) {
            // Says which there are.
            await workload.status();
            continue;
          }
          if (!(await printFile(workload.logFile))) {
            return;
          }
        }
      }),
    );
}

/**
 * The local service of a name, or the only one there is.
 * @throws LocalError SERVICE_NOT_FOUND, naming those that there are
 */
export async function resolveLocalService(name?: string): Promise<LocalServiceStatus> {
  return (await localWorkloads()).findService(name);
}

/** Loaded here and not before: commands that may name a local service are mostly given an address. */
function localWorkloads(): Promise<typeof LocalWorkloads> {
  return import('./local-workloads.js');
}

async function run(action: (found: typeof LocalWorkloads) => Promise<void>): Promise<void> {
  try {
    await action(await localWorkloads());
  } catch (error) {
    reportFailure(error);
  }
}

function describe(all: readonly LocalWorkloadStatus[]): string {
  if (all.length === 0) {
    return 'no local services\n';
  }
  return all
    .map((status) => {
      const { name, ready, address, port, tls, hostname, model, modelVersion, pid, keyFile } = status;
      const state = ready ? 'ready' : pid === null ? 'stopped' : 'loading';
      const security = tls
        ? `TLS for ${hostname ?? address}, keys ${keyFile ? 'on' : 'off'}`
        : 'no TLS, no keys';
      const where = isEndpoint(status) ? status.scoringUri : `${address}:${port}`;
      return `${name}  ${state}  ${where}  ${security}  ${model} ${modelVersion}  pid ${pid ?? '-'}\n`;
    })
    .join('');
}

function isEndpoint(status: LocalWorkloadStatus): status is LocalEndpointStatus {
  return 'scoringUri' in status;
}

/** @returns whether there is still a reader: `head` leaves when it has seen enough */
async function printFile(file: string): Promise<boolean> {
  try {
    await pipeline(createReadStream(file), process.stdout, { end: false });
    return true;
  } catch (error) {
    if (isLostReader(error)) {
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
