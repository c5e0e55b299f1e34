import { randomUUID } from 'node:crypto';
import path from 'node:path';

import { Option, type Command } from 'commander';

import { LocalError } from '../local/local-error';
import { ServeConfigurationError } from '../server/serve-process';
import type { ServeConfiguration } from '../server/serve-configuration';

interface ServeOptions {
  readonly config?: string;
  readonly model?: string;
  readonly modelName: string;
  readonly modelVersion: string;
  readonly host: string;
  readonly port: string;
  readonly certificate?: string;
  readonly privateKey?: string;
  readonly keyFile?: string;
  readonly workers?: string;
  readonly maxInFlight?: string;
  readonly healthPort?: string;
  readonly detach?: true;
  readonly stateFile?: string;
  readonly logFile?: string;
  readonly instance?: string;
}

const DETACH_TIMEOUT_MS = 120_000;

/** `cdktf-brainwave serve`: the scoring server. */
export function registerServeCommand(program: Command): void {
  program
    .command('serve')
    .description('run the scoring server; SIGTERM drains it, SIGHUP reads --config, the keys and the certificate again')
    .option('--config <file>', 'a configuration file, in place of the options below')
    .option('--model <zip>', "the service definition's zip")
    .option('--model-name <name>', 'the name that calls may ask for', 'default')
    .option('--model-version <version>', 'its version', '1')
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--port <number>', 'the port to listen on', '50051')
    .option('--certificate <file>', 'PEM: the certificate with its chain; turns TLS on')
    .option('--private-key <file>', "PEM: the certificate's private key")
    .option('--key-file <file>', 'JSON {"primaryKey","secondaryKey"}: the keys that calls must carry')
    .option('--workers <number>', 'threads that score')
    .option('--max-in-flight <number>', 'calls worked on at once')
    .option('--health-port <number>', 'a plaintext port for health checks only')
    .option('--detach', 'return when the server is ready, and leave it running')
    .option('--state-file <file>', 'where the server says how it fares (with --detach: server.json unless set)')
    .option('--log-file <file>', 'with --detach: where the log goes (server.log unless set)')
    .addOption(new Option('--instance <id>', 'tells this process from others').hideHelp())
    .action(async (options: ServeOptions, command: Command) => {
      if (options.detach) {
        await detach(options, command);
        return;
      }
      const { readServeConfiguration, runServeProcess } = await import('../server/serve-process.js');
      const { config } = options;
      await runServeProcess({
        configuration: () =>
          config === undefined ? Promise.resolve(configurationOf(options)) : readServeConfiguration(config),
        instance: options.instance ?? randomUUID(),
        ...(options.stateFile !== undefined && { stateFile: options.stateFile }),
      });
      // Worker threads and open sockets of clients must not keep a stopped server alive.
      process.exit(0);
    });
}

async function detach(options: ServeOptions, command: Command): Promise<void> {
  const { startDetachedProcess, waitForState } = await import('../server/detached-process.js');
  const stateFile = path.resolve(options.stateFile ?? 'server.json');
  const logFile = path.resolve(options.logFile ?? 'server.log');
  const instance = randomUUID();
  const args = options.config === undefined ? forwardedArguments(options, command) : ['--config', path.resolve(options.config)];
  const pid = await startDetachedProcess({ args, instance, stateFile, logFile });
  const state = await waitForState({ pid, instance, stateFile, timeoutMs: DETACH_TIMEOUT_MS }, (state) =>
    state.ready ? state : undefined,
  );
  if (!state) {
    throw new LocalError('START_FAILED', `process ${pid} did not become ready; its log is ${logFile}`);
  }
  process.stdout.write(`serving on port ${state.port} as process ${pid}; stop it with \`kill ${pid}\`\n`);
}

/** The child runs in another folder: paths go to it whole. */
function forwardedArguments(options: ServeOptions, command: Command): string[] {
  const files = new Set(['--model', '--certificate', '--private-key', '--key-file']);
  const own = new Set(['--detach', '--state-file', '--log-file', '--instance', '--config']);
  const values = options as unknown as Readonly<Record<string, string | undefined>>;
  return command.options.flatMap((option) => {
    const value = values[option.attributeName()];
    if (own.has(option.long ?? '') || option.long === undefined || value === undefined) {
      return [];
    }
    return [option.long, files.has(option.long) ? path.resolve(value) : value];
  });
}

function configurationOf(options: ServeOptions): ServeConfiguration {
  const { model, certificate, privateKey, keyFile } = options;
  if (model === undefined) {
    throw new ServeConfigurationError('nothing to serve; give --model FILE.zip, or --config FILE');
  }
  if ((certificate === undefined) !== (privateKey === undefined)) {
    throw new ServeConfigurationError('TLS needs both --certificate FILE and --private-key FILE');
  }
  return {
    revision: '',
    model: { name: options.modelName, version: options.modelVersion, path: path.resolve(model) },
    host: options.host,
    port: integer('--port', options.port, 0),
    ...(certificate !== undefined &&
      privateKey !== undefined && { tls: { certificateFile: certificate, privateKeyFile: privateKey } }),
    ...(keyFile !== undefined && { keyFile }),
    ...(options.workers !== undefined && { workers: integer('--workers', options.workers, 1) }),
    ...(options.maxInFlight !== undefined && { maxInFlight: integer('--max-in-flight', options.maxInFlight, 1) }),
    ...(options.healthPort !== undefined && { healthPort: integer('--health-port', options.healthPort, 0) }),
  };
}

function integer(option: string, value: string, least: number): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < least) {
    throw new ServeConfigurationError(`${option} is "${value}"; expected a whole number from ${least}`);
  }
  return number;
}
