import { randomUUID } from 'node:crypto';
import path from 'node:path';

import { Option, type Command } from 'commander';

import { LocalError } from '../local/local-error';
import { serveConfigurationSchema, type ServeConfiguration } from '../contract/serve-configuration';
import { readServeConfiguration } from '../server/serve-configuration';
import { exitCodeOf } from '../errors/exit-code';
import { reportFailure, UsageError } from './report-failure';
import { LISTENING_PORT, wholeNumber } from '../validation/number-range';
import { numberOption } from './number-option';

interface ServeOptions {
  readonly config?: string | undefined;
  readonly model?: string | undefined;
  readonly modelName?: string | undefined;
  readonly modelVersion?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly certificate?: string | undefined;
  readonly privateKey?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly workers?: number | undefined;
  readonly maxInFlight?: number | undefined;
  readonly acceleratorProtocol?: string | undefined;
  readonly acceleratorAddress?: string | undefined;
  readonly healthPort?: number | undefined;
  readonly reflection?: true | undefined;
  readonly detach?: true | undefined;
  readonly stateFile?: string | undefined;
  readonly logFile?: string | undefined;
  readonly instance?: string | undefined;
}

const DETACH_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 5000;

/** Options whose values are files; a detached process runs in another folder and needs them whole. */
const FILES: readonly string[] = ['config', 'model', 'certificate', 'privateKey', 'keyFile'];
/** Options of the process rather than of what it serves. */
const OF_PROCESS: readonly string[] = ['detach', 'stateFile', 'logFile', 'instance'];

/** `cdktf-brainwave serve`: the scoring server. */
export function registerServeCommand(program: Command): void {
  program
    .command('serve')
    .description(
      'run the scoring server; SIGTERM drains it, SIGHUP reads the configuration, keys and certificate again',
    )
    .option('--config <file>', 'a configuration file, in place of the options that say what is served')
    .option('--model <zip>', "the service definition's zip")
    .option('--model-name <name>', 'the name that calls may ask for (default: "default")')
    .option('--model-version <version>', 'its version (default: "1")')
    .option('--host <address>', 'the address to listen on (default: 127.0.0.1)')
    .option('--port <number>', 'the port to listen on (default: 50051)', numberOption(LISTENING_PORT))
    .option('--certificate <file>', 'PEM: the certificate with its chain; turns TLS on')
    .option('--private-key <file>', "PEM: the certificate's private key")
    .option(
      '--key-file <file>',
      'JSON {"primaryKey","secondaryKey"}: the keys that calls must carry under TLS',
    )
    .option('--workers <number>', 'threads that score', numberOption(wholeNumber(1)))
    .option('--max-in-flight <number>', 'calls worked on at once', numberOption(wholeNumber(1)))
    .addOption(
      new Option(
        '--accelerator-protocol <protocol>',
        'what the server speaks that runs brainwave stages in place of their software',
      ).choices(['kserve-v2', 'tensorflow-serving']),
    )
    .option('--accelerator-address <host:port>', 'where that server is')
    .option('--health-port <number>', 'a plaintext port for health checks only', numberOption(LISTENING_PORT))
    .option('--reflection', 'tell clients such as grpcurl what services there are')
    .option('--detach', 'return when the server is ready, and leave it running')
    .option(
      '--state-file <file>',
      'where the server says how it fares (with --detach: server.json unless set)',
    )
    .option('--log-file <file>', 'with --detach: where the log goes (server.log unless set)')
    .addOption(new Option('--instance <id>', 'tells this process from others').hideHelp())
    .action(async (options: ServeOptions, command: Command) => {
      try {
        checkOptions(options, command);
        await (options.detach ? detach(options, command) : serve(options));
        // Worker threads and open sockets of clients must not keep a stopped server alive.
        process.exit(0);
      } catch (error) {
        reportFailure(error);
        process.exit(exitCodeOf(error));
      }
    });
}

async function serve(options: ServeOptions): Promise<void> {
  const { runServeProcess } = await import('../server/serve-process.js');
  const { config, stateFile } = options;
  await runServeProcess({
    configuration: () =>
      config === undefined ? Promise.resolve(configurationOf(options)) : readServeConfiguration(config),
    instance: options.instance ?? randomUUID(),
    ...(stateFile !== undefined && { stateFile: path.resolve(stateFile) }),
  });
}

async function detach(options: ServeOptions, command: Command): Promise<void> {
  const { startDetachedProcess, stopProcess, waitForState } = await import('../server/detached-process.js');
  const { readLogTail } = await import('../server/log-tail.js');
  const stateFile = path.resolve(options.stateFile ?? 'server.json');
  const logFile = path.resolve(options.logFile ?? 'server.log');
  const instance = randomUUID();
  const pid = await startDetachedProcess({
    args: forwardedArguments(options, command),
    instance,
    stateFile,
    logFile,
  });
  const state = await waitForState({ pid, instance, stateFile, timeoutMs: DETACH_TIMEOUT_MS }, (state) =>
    state.ready ? state : undefined,
  );
  if (!state) {
    await stopProcess({ pid, instance }, STOP_TIMEOUT_MS);
    throw new LocalError(
      'START_FAILED',
      `the server did not become ready; the last lines of ${logFile}:\n${await readLogTail(logFile)}`,
    );
  }
  process.stdout.write(`serving on port ${state.port} as process ${pid}; stop it with \`kill ${pid}\`\n`);
}

function forwardedArguments(options: ServeOptions, command: Command): string[] {
  const values = options as Readonly<Record<string, string | number | true | undefined>>;
  return command.options.flatMap((option) => {
    const name = option.attributeName();
    const value = values[name];
    if (OF_PROCESS.includes(name) || option.long === undefined || value === undefined) {
      return [];
    }
    return value === true
      ? [option.long]
      : [option.long, FILES.includes(name) ? path.resolve(String(value)) : String(value)];
  });
}

function checkOptions(options: ServeOptions, command: Command): void {
  const given = command.options.filter(
    (option) =>
      option.attributeName() in options &&
      option.attributeName() !== 'config' &&
      !OF_PROCESS.includes(option.attributeName()),
  );
  const first = given.at(0);
  if (options.config !== undefined && first) {
    throw new UsageError(
      `--config and ${first.flags.split(' ')[0] ?? ''} exclude each other; put it into the file`,
    );
  }
  if (options.config === undefined && options.model === undefined) {
    throw new UsageError('nothing to serve; give --model FILE.zip, or --config FILE');
  }
  if ((options.certificate === undefined) !== (options.privateKey === undefined)) {
    throw new UsageError('TLS needs both --certificate FILE and --private-key FILE');
  }
  if ((options.acceleratorProtocol === undefined) !== (options.acceleratorAddress === undefined)) {
    throw new UsageError(
      'an accelerator needs both --accelerator-protocol and --accelerator-address HOST:PORT',
    );
  }
  if (options.logFile !== undefined && !options.detach) {
    throw new UsageError('--log-file needs --detach; without it the log goes to standard output');
  }
}

function configurationOf(options: ServeOptions): ServeConfiguration {
  const { modelName, modelVersion, certificate, privateKey, model, ...others } = options;
  const { host, port, keyFile, workers, maxInFlight, healthPort, reflection } = others;
  const { acceleratorProtocol: protocol, acceleratorAddress: address } = others;
  return serveConfigurationSchema.parse({
    model: { name: modelName, version: modelVersion, path: model },
    ...{ host, port, keyFile, workers, maxInFlight, healthPort, reflection },
    accelerator: address === undefined ? undefined : { protocol, address },
    tls: certificate === undefined ? undefined : { certificateFile: certificate, privateKeyFile: privateKey },
  });
}
