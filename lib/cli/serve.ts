import { randomUUID } from 'node:crypto';
import path from 'node:path';

import { Option, type Command } from 'commander';

import { LocalError } from '../errors/local-error';
import { serveConfigurationSchema, type ServeConfiguration } from '../contract/serve-configuration';
import { readServeConfiguration } from '../serving/configuration-file';
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
  readonly tlsTerminatedByProxy?: true | undefined;
  readonly workers?: number | undefined;
  readonly maxInFlight?: number | undefined;
  readonly acceleratorProtocol?: string | undefined;
  readonly acceleratorAddress?: string | undefined;
  readonly acceleratorModelName?: string | undefined;
  readonly acceleratorModelVersion?: string | undefined;
  readonly healthPort?: number | undefined;
  readonly reflection?: true | undefined;
  readonly detach?: true | undefined;
  readonly stateFile?: string | undefined;
  readonly logFile?: string | undefined;
  readonly instance?: string | undefined;
}

const DETACH_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 5000;

/** Options whose values are files. A detached process runs in another folder and needs absolute paths. */
const FILES: readonly string[] = ['config', 'model', 'certificate', 'privateKey', 'keyFile'];
/** Options of the process rather than of the service. */
const OF_PROCESS: readonly string[] = ['detach', 'stateFile', 'logFile', 'instance'];

/** `cdktf-brainwave serve`: runs the scoring server. */
export function registerServeCommand(program: Command): void {
  program
    .command('serve')
    .description(
      'run the scoring server; SIGTERM drains it, SIGHUP reloads the configuration, the keys and the certificate',
    )
    .option('--config <file>', 'configuration file, instead of the options below')
    .option('--model <zip>', "the service definition's zip")
    .option('--model-name <name>', 'model name that calls may request (default: "default")')
    .option('--model-version <version>', 'model version (default: "1")')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--port <number>', 'port to listen on (default: 50051)', numberOption(LISTENING_PORT))
    .option('--certificate <file>', 'certificate chain as PEM; enables TLS')
    .option('--private-key <file>', 'private key of the certificate as PEM')
    .option(
      '--key-file <file>',
      'JSON file {"primaryKey","secondaryKey"} with the accepted keys; checked only with TLS',
    )
    .option(
      '--tls-terminated-by-proxy',
      'check keys although a trusted proxy terminates TLS; not on a public address',
    )
    .option('--workers <number>', 'number of scoring threads', numberOption(wholeNumber(1)))
    .option('--max-in-flight <number>', 'maximum number of calls in flight', numberOption(wholeNumber(1)))
    .addOption(
      new Option(
        '--accelerator-protocol <protocol>',
        'protocol of the accelerator server that runs brainwave stages',
      ).choices(['kserve-v2', 'tensorflow-serving']),
    )
    .option('--accelerator-address <host:port>', 'address of the accelerator server')
    .option('--accelerator-model-name <name>', 'name of the model on the accelerator (default: model_ref)')
    .option(
      '--accelerator-model-version <version>',
      'version of the model on the accelerator (default: model_version); "" for the one that the accelerator chooses',
    )
    .option(
      '--health-port <number>',
      'plaintext port for health checks and metrics only',
      numberOption(LISTENING_PORT),
    )
    .option('--reflection', 'enable server reflection for clients such as grpcurl')
    .option('--detach', 'return once the server is ready and leave it running')
    .option('--state-file <file>', 'file for the state of the server (default with --detach: server.json)')
    .option('--log-file <file>', 'log file with --detach (default: server.log)')
    .addOption(new Option('--instance <id>', 'identifies this process').hideHelp())
    .action(async (options: ServeOptions, command: Command) => {
      try {
        checkOptions(options, command);
        await (options.detach ? detach(options, command) : serve(options));
        // Worker threads and client sockets must not keep a stopped server running.
        process.exit(0);
      } catch (error) {
        reportFailure(error);
        process.exit(exitCodeOf(error));
      }
    });
}

async function serve(options: ServeOptions): Promise<void> {
  const { runServingLoop } = require('../serving/serving-loop') as typeof import('../serving/serving-loop');
  const { startScoringServer } =
    require('../server/configured-server') as typeof import('../server/configured-server');
  const { startTracing } = require('../telemetry/tracing') as typeof import('../telemetry/tracing');
  const { config, stateFile } = options;
  const tracing = startTracing();
  await runServingLoop({
    configuration: () =>
      config === undefined ? Promise.resolve(configurationOf(options)) : readServeConfiguration(config),
    start: (configuration, log, signal) =>
      startScoringServer(configuration, log, signal, config === undefined ? flagOf : undefined),
    instance: options.instance ?? randomUUID(),
    stateFile: stateFile === undefined ? undefined : path.resolve(stateFile),
  });
  await tracing?.stop();
}

async function detach(options: ServeOptions, command: Command): Promise<void> {
  const { readLogTail, startDetachedProcess, stopProcess, waitForState } =
    require('../process/detached-process') as typeof import('../process/detached-process');
  const stateFile = path.resolve(options.stateFile ?? 'server.json');
  const logFile = path.resolve(options.logFile ?? 'server.log');
  const instance = randomUUID();
  const pid = await startDetachedProcess({
    command: 'serve',
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
      `--config and ${first.flags.split(' ')[0] ?? ''} are mutually exclusive; set the value in the file`,
    );
  }
  if (options.config === undefined && options.model === undefined) {
    throw new UsageError('got nothing to serve; pass --model FILE.zip or --config FILE');
  }
  if ((options.certificate === undefined) !== (options.privateKey === undefined)) {
    throw new UsageError('got only one of --certificate and --private-key; TLS needs both');
  }
  if ((options.acceleratorProtocol === undefined) !== (options.acceleratorAddress === undefined)) {
    throw new UsageError('got only one of --accelerator-protocol and --accelerator-address; pass both');
  }
  if (
    options.acceleratorAddress === undefined &&
    (options.acceleratorModelName !== undefined || options.acceleratorModelVersion !== undefined)
  ) {
    throw new UsageError(
      '--accelerator-model-name and --accelerator-model-version name a model on an accelerator; pass ' +
        '--accelerator-protocol and --accelerator-address, too',
    );
  }
  if (options.logFile !== undefined && !options.detach) {
    throw new UsageError('--log-file requires --detach; without it, the log is written to standard output');
  }
}

/** Flag that sets an option of the server, or the option itself if no flag does. */
function flagOf(option: string): string {
  switch (option) {
    case 'tls':
      return '--certificate';
    case 'host':
      return '--host';
    case 'tlsTerminatedByProxy':
      return '--tls-terminated-by-proxy';
    case 'accelerator.address':
      return '--accelerator-address';
    case 'accelerator.modelName':
      return '--accelerator-model-name';
    default:
      return option;
  }
}

function configurationOf(options: ServeOptions): ServeConfiguration {
  const { modelName, modelVersion, certificate, privateKey, model, ...others } = options;
  const { host, port, keyFile, tlsTerminatedByProxy, workers, maxInFlight, healthPort, reflection } = others;
  const accelerator = {
    protocol: others.acceleratorProtocol,
    address: others.acceleratorAddress,
    modelName: others.acceleratorModelName,
    modelVersion: others.acceleratorModelVersion,
  };
  return serveConfigurationSchema.parse({
    model: { name: modelName, version: modelVersion, path: model },
    ...{ host, port, keyFile, tlsTerminatedByProxy, workers, maxInFlight, healthPort, reflection },
    accelerator: accelerator.address === undefined ? undefined : accelerator,
    tls: certificate === undefined ? undefined : { certificateFile: certificate, privateKeyFile: privateKey },
  });
}
