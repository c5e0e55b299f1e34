import { createReadStream, existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';

import { Option, type Command } from 'commander';

import type { WorkloadKind } from '../contract/folder-layout';
import type { LocalWorkloadStatus } from '../local/local-workload';
import type * as LocalWorkloads from './local-workloads';
import { isLostReader } from './lost-reader';
import { reportFailure } from './report-failure';

/** `cdktf-brainwave local`: manages the services and endpoints deployed on this machine. */
export function registerLocalCommand(program: Command): void {
  const local = program
    .command('local')
    .description('manage the services and online endpoints deployed on this machine');

  local
    .command('status')
    .description('list the services and endpoints of this project')
    .argument('[name]', 'name of a service or an endpoint')
    .option('--json', 'print a JSON array')
    .action((name: string | undefined, options: { json?: true | undefined }) =>
      run(async ({ findWorkloads }) => {
        const found = await findWorkloads(name);
        const all = await Promise.all(found.map((workload) => workload.status()));
        process.stdout.write(options.json ? `${JSON.stringify(all, undefined, 2)}\n` : describe(all));
      }),
    );

  local
    .command('up')
    .description('restart services and endpoints whose process has ended')
    .argument('[name]', 'name of a service or an endpoint (default: all in this project)')
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
    .description('stop a service or an endpoint; `local up` starts it again')
    .argument('<name>')
    .option('--remove', 'also remove its keys, certificate and log, as terraform destroy does')
    .addOption(
      new Option('--kind <kind>', 'kind, if a service and an endpoint share the name').choices([
        'service',
        'endpoint',
      ]),
    )
    .action(
      (name: string, { kind, remove }: { kind?: WorkloadKind | undefined; remove?: true | undefined }) =>
        run(async ({ findOne }) => {
          const workload = await findOne(name, kind);
          if (remove || !workload.wasUp) {
            await workload.remove(print(name));
          } else {
            await workload.stop(print(name));
            print(name)(
              `Terraform does not notice that it is stopped; start it with \`npx cdktf-brainwave local up ${name}\``,
            );
          }
        }),
    );

  local
    .command('logs')
    .description('print the log of a service or an endpoint')
    .argument('[name]', 'name of a service or an endpoint (default: all in this project)')
    .action((name: string | undefined) =>
      run(async ({ findWorkloads }) => {
        for (const workload of await findWorkloads(name)) {
          if (!existsSync(workload.logFile)) {
            // Reports the names that exist.
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
 * Returns the local service with a name, or the only one.
 * @throws LocalError SERVICE_NOT_FOUND with the names that exist
 */
export function resolveLocalService(name?: string): Promise<LocalWorkloadStatus> {
  return localWorkloads().findService(name);
}

/** Loaded on demand: commands that accept a local service are usually given an address. */
function localWorkloads(): typeof LocalWorkloads {
  return require('./local-workloads') as typeof import('./local-workloads');
}

async function run(action: (found: typeof LocalWorkloads) => Promise<void>): Promise<void> {
  try {
    await action(localWorkloads());
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
      const { name, ready, address, port, tls, hostname, model, modelVersion, pid, keyFile, metricsUrl } =
        status;
      const state = ready ? 'ready' : pid === null ? 'stopped' : 'loading';
      const security = tls
        ? `TLS for ${hostname ?? address}, keys ${keyFile ? 'on' : 'off'}`
        : 'no TLS, no keys';
      const metrics = metricsUrl === null ? '' : `  metrics ${metricsUrl}`;
      const where = status.scoringUri ?? `${address}:${port}`;
      return `${name}  ${state}  ${where}  ${security}  ${model} ${modelVersion}  pid ${pid ?? '-'}${metrics}\n`;
    })
    .join('');
}

/** @returns whether standard output still has a reader: `head` exits when it has read enough */
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
