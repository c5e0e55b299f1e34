import { readFile } from 'node:fs/promises';

import { Option, type Command } from 'commander';

import { readServiceKey } from '../client/key-file';
import type { ClientOptionNames, PredictionClientOptions } from '../client/prediction-client-options';
import type { LocalWorkloadStatus } from '../local/local-workload';
import { parseLabels } from '../service-definition/service-definition-content';
import { numberAbove } from '../validation/number-range';
import { numberOption } from './number-option';
import { UsageError } from './report-failure';

/** Flags of the commands that call a scoring service. */
export interface ServiceFlags {
  readonly address?: string | undefined;
  readonly service?: string | undefined;
  readonly serverName?: string | undefined;
  readonly rootCertificateFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly plaintext?: true | undefined;
  readonly labelsFile?: string | undefined;
  readonly modelName?: string | undefined;
  readonly callTimeoutSeconds: number;
}

/** Finds the local service with a name, or the only one. */
export type LocalServiceResolver = (name?: string) => Promise<LocalWorkloadStatus>;

/** How to call a service, and the labels of its classes. */
export interface FoundService {
  readonly clientOptions: PredictionClientOptions;
  /** Undefined if the class names are unknown. */
  readonly labels?: readonly string[] | undefined;
  /** Version of a local service, for which the protocol has only a number. */
  readonly modelVersion?: string | undefined;
}

/** Adds the flags of {@link ServiceFlags}. */
export function addServiceFlags(command: Command): Command {
  return command
    .option('-a, --address <host:port>', 'web service to call; https://host is called over REST')
    .addOption(new Option('-s, --service <name>', 'local service to call').conflicts('address'))
    .option('--server-name <name>', 'host name to check the certificate against (default: the host)')
    .option('--root-certificate-file <file>', 'PEM file with the certificates to trust')
    .option('--key-file <file>', 'file with the key, or {"primaryKey","secondaryKey"} (- for standard input)')
    .option('--plaintext', 'call without TLS')
    .option('--labels-file <file>', 'file with the names of the classes, one per line, class 0 first')
    .option('--model-name <name>', 'model to call')
    .option('--call-timeout-seconds <number>', 'time limit for one call', numberOption(numberAbove(0)), 30)
    .addHelpText('after', '\nThe key can also be passed in the environment variable BRAINWAVE_KEY.');
}

/**
 * Finds the service that the flags name, or the only local one, and reads its files.
 * @throws UsageError, InvalidInputError for a key file, LocalError SERVICE_NOT_FOUND
 */
export async function findService(
  flags: ServiceFlags,
  resolveService: LocalServiceResolver,
): Promise<FoundService> {
  const local = flags.address === undefined ? await resolveService(flags.service) : undefined;
  const labelsFile = flags.labelsFile ?? local?.labelsFile ?? undefined;
  const labels =
    labelsFile === undefined
      ? undefined
      : parseLabels((await readOption('labels file', labelsFile)).toString('utf8'));
  return {
    clientOptions: await connectionOptions(flags, local),
    labels,
    modelVersion: local?.modelVersion,
  };
}

/** Flag that sets an option of the client. Some can only be set in code. */
function flagOf(option: Parameters<ClientOptionNames>[0]): string {
  switch (option) {
    case 'serverName':
      return '--server-name';
    case 'plaintext':
      return '--plaintext';
    case 'rootCertificates':
      return '--root-certificate-file';
    case 'modelName':
      return '--model-name';
    case 'deadlineMs':
      return '--call-timeout-seconds';
    default:
      return `${option} of PredictionClient`;
  }
}

async function connectionOptions(
  flags: ServiceFlags,
  local: LocalWorkloadStatus | undefined,
): Promise<PredictionClientOptions> {
  if (local?.pid === null) {
    throw new UsageError(
      `the local service ${local.name} is not running; start it with: cdktf-brainwave local up ${local.name}`,
    );
  }
  const plaintext = flags.plaintext ?? (local ? !local.tls : false);
  const rootCertificateFile = flags.rootCertificateFile ?? local?.rootCertificateFile ?? undefined;
  return {
    address: flags.address ?? (local ? `${bracketed(local.address)}:${local.port}` : ''),
    serverName: flags.serverName ?? local?.hostname ?? undefined,
    plaintext,
    rootCertificates:
      plaintext || rootCertificateFile === undefined
        ? undefined
        : await readOption('root certificate', rootCertificateFile),
    key: await findKey(flags, local),
    modelName: flags.modelName,
    deadlineMs: flags.callTimeoutSeconds * 1000,
    optionNames: flagOf,
  };
}

async function findKey(
  { keyFile }: ServiceFlags,
  local: LocalWorkloadStatus | undefined,
): Promise<string | undefined> {
  if (keyFile !== undefined) {
    return readServiceKey(keyFile);
  }
  if (local) {
    return local.keyFile === null ? undefined : readServiceKey(local.keyFile);
  }
  // Pipelines pass an empty variable for an unset value.
  const key = process.env.BRAINWAVE_KEY?.trim();
  return key === '' ? undefined : key;
}

async function readOption(what: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw unreadable(what, file, error);
  }
}

/** Error for a file on the command line that cannot be read. */
export function unreadable(what: string, file: string, cause: unknown): UsageError {
  const { code } = cause as NodeJS.ErrnoException;
  return new UsageError(`the ${what} ${file} cannot be read (${String(code)}); check its path`, { cause });
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
