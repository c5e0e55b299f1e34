import { isIP } from 'node:net';
import path from 'node:path';

import { defaultPort } from '../connection/default-port';
import { parseAddress, parseServiceUrl } from '../connection/address';
import { findProjectFolder } from '../local/project-folder';
import { Option } from '../smoke-test/option-types';
import { parseOptions, parseScoringUri, type SmokeTestFile } from '../smoke-test/parse-options';
import { findSamples, optionsOf, readLabels, readSmokeTestFile } from '../smoke-test/smoke-test-file';
import { TLS_FILES, type SmokeTestOptions, type SmokeTestTarget } from '../smoke-test/smoke-test-options';
import { stackOptionNames } from '../smoke-test/stack-option-names';
import { withFilesIn } from '../smoke-test/target';
import type { OptionNames } from '../validation/option-names';
import { resolveLocalService } from './local';
import { UsageError } from './report-failure';

/**
 * Options that a flag sets. The flag is the path of the option in kebab case: `warmCalls.count` is `--warm-calls-count`.
 * Options of the target do without their group: `target.serverName` is `--server-name`.
 */
export const FLAG_OPTIONS = [
  'target.plaintext',
  'target.serverName',
  'target.connectTo',
  'target.expectedAddress',
  'target.keyFile',
  'target.rootCertificateFile',
  'target.certificateFile',
  'target.clientCertificateFile',
  'target.clientKeyFile',
  'target.deployment',
  'target.modelName',
  'target.modelVersion',
  'target.outputName',
  'resolvers',
  'readyTimeoutSeconds',
  'callTimeoutSeconds',
  'minimumDaysToExpiry',
  'expect.label',
  'expect.classIndex',
  'expect.top',
  'expect.minimumProbability',
  'expect.shape',
  'expect.minimumValue',
  'expect.maximumValue',
  'expect.jsonPath',
  'expect.equalTo',
  'expect.argmax',
  'warmCalls.count',
  'warmCalls.durationSeconds',
  'warmCalls.concurrency',
  'warmCalls.warmUp',
  'latencyBudget.p50Ms',
  'latencyBudget.p95Ms',
  'latencyBudget.p99Ms',
  'latencyBudget.minimumRequestsPerSecond',
  'baseline.file',
  'baseline.tolerance',
  'updateBaseline',
] as const;

/** Flags of `cdktf-brainwave smoke-test`: those of {@link FLAG_OPTIONS}, and those that the command alone has. */
export interface SmokeTestFlags extends Readonly<Record<string, unknown>> {
  readonly address?: string | undefined;
  readonly scoringUri?: string | undefined;
  readonly service?: string | undefined;
  readonly outputs?: string | undefined;
  readonly output?: string | undefined;
  readonly file?: string | undefined;
  readonly plaintext?: true | undefined;
  readonly keyFile?: string | undefined;
  readonly keyEnv?: string | undefined;
  readonly connectTo?: string | undefined;
  readonly labelsFile?: string | undefined;
  readonly report?: string[] | undefined;
  readonly dryRun?: true | undefined;
  readonly inStack?: true | undefined;
}

const DEFAULT_READY_TIMEOUT_SECONDS = 60;

/** Flag that sets an option. */
export function flagOf(option: string): string {
  switch (option) {
    case 'target.host':
    case 'target.port':
      return '--address';
    case 'target.key':
      return '--key-env';
    case 'labels':
      return '--labels-file';
    default:
      return /^(samples|reference)\b/.test(option)
        ? option
        : `--${option
            .replace(/^target\./, '')
            .replace(/\.|(?=[A-Z])/g, '-')
            .toLowerCase()}`;
  }
}

/**
 * Options of a smoke test from the flags and the file that they name; flags take precedence over the file.
 * @throws UsageError, SmokeTestError SMOKE_TEST_INPUT, LocalError SERVICE_NOT_FOUND
 */
export async function smokeTestOptions(
  samples: readonly string[],
  flags: SmokeTestFlags,
): Promise<SmokeTestOptions> {
  const set = setByFlags(flags);
  const file = flags.file === undefined ? undefined : await readSmokeTestFile(flags.file);
  const typed: OptionNames = (option) => {
    // A file with a target is where to add to it.
    const inFile = isSet(file, option) || (file?.target !== undefined && option.startsWith('target.'));
    return inFile && !isSet(set, option) ? option : flagOf(option);
  };
  const names = flags.inStack ? stackOptionNames : typed;
  const folder = flags.file === undefined ? '.' : path.dirname(flags.file);
  const found = await findTarget(flags, file, folder);
  const { target, ...written }: Partial<SmokeTestOptions> & Pick<SmokeTestOptions, 'target'> = file
    ? await optionsOf({ ...file, target: found.target }, folder)
    : { target: found.target };
  const given = (await Promise.all(samples.map((sample) => findSamples(sample)))).flat();
  if (given.length === 0) {
    requireUsedExpectation(set, file);
  }
  const labelsFile = flags.labelsFile ?? (written.labels ? undefined : found.labelsFile);
  const { target: targetFlags, ...settings } = set;
  if (settings.resolvers && (flags.connectTo !== undefined || isIP(target.host) !== 0)) {
    throw new UsageError(
      `--resolvers is ${String(flags.resolvers)}, but the test calls ${flags.connectTo ?? target.host} and looks up ` +
        'no DNS record; remove one of them',
    );
  }
  return parseOptions(
    {
      readyTimeoutSeconds: DEFAULT_READY_TIMEOUT_SECONDS,
      ...written,
      ...merge(written, settings),
      // The stack or the file may expect something of a DNS record that these flags bypass.
      resolvers: settings.resolvers ?? (flags.connectTo === undefined ? written.resolvers : undefined),
      target: reachTarget(target, targetFlags, flags),
      samples: given.length > 0 ? given.map((each) => ({ path: each })) : (written.samples ?? []),
      labels: labelsFile === undefined ? written.labels : await readLabels(labelsFile),
      optionNames: names,
    },
    names,
  );
}

type Group = Readonly<Record<string, unknown>>;

/** Options that flags set, in the shape of {@link SmokeTestOptions}. Numbers are still text. */
function setByFlags(flags: SmokeTestFlags): Group {
  const set: Record<string, unknown> = {};
  for (const option of FLAG_OPTIONS) {
    const value: unknown = flags[attributeOf(option)];
    if (value !== undefined) {
      const [name, property] = option.split('.') as [string, string?];
      const parsed = parseFlag(option, value);
      set[name] = property === undefined ? parsed : { ...(set[name] as Group), [property]: parsed };
    }
  }
  return set;
}

function parseFlag(option: (typeof FLAG_OPTIONS)[number], value: unknown): unknown {
  switch (option) {
    case 'expect.equalTo':
      return parseJson(flagOf(option), value as string);
    case 'expect.shape':
      return (value as string).split(',');
    default:
      return value;
  }
}

/** Name that commander gives to a flag: `warmCallsCount`. */
function attributeOf(option: string): string {
  return option.replace(/^target\./, '').replace(/\.(.)/g, (_, letter: string) => letter.toUpperCase());
}

function merge(written: Group, set: Group): Group {
  return Object.fromEntries(
    Object.entries(set).map(([name, value]) => [
      name,
      typeof value === 'object' && !Array.isArray(value) ? { ...(written[name] as Group), ...value } : value,
    ]),
  );
}

function isSet(options: object | undefined, option: string): boolean {
  return (
    option
      .split('.')
      .reduce<unknown>(
        (value, name) => (typeof value === 'object' && value !== null ? (value as Group)[name] : undefined),
        options,
      ) !== undefined
  );
}

async function findTarget(
  { address, scoringUri, service, outputs, output, plaintext }: SmokeTestFlags,
  file: SmokeTestFile | undefined,
  folder: string,
): Promise<{ target: SmokeTestTarget; labelsFile?: string | undefined }> {
  if (output !== undefined && outputs === undefined) {
    throw new UsageError(`--output is ${output}, but there are no outputs to find it in; set --outputs`);
  }
  if (address !== undefined) {
    const url = parseServiceUrl(address);
    return {
      target: url
        ? { protocol: 'rest', ...url.address, ...(url.prefix && { path: url.prefix }) }
        : parseAddress(address, defaultPort(!plaintext)),
    };
  }
  if (scoringUri !== undefined) {
    return { target: parseScoringUri(scoringUri, new Option(flagOf, 'target.scoringUri')) };
  }
  if (outputs !== undefined) {
    const { readTargetFromOutputs } =
      require('../smoke-test/target-from-outputs') as typeof import('../smoke-test/target-from-outputs');
    const target = await readTargetFromOutputs(outputs, output);
    // Paths in a stack are relative to the project's folder, so that they are the same on every machine.
    return { target: withFilesIn(findProjectFolder(), target) };
  }
  if (file && service === undefined) {
    if (!file.target) {
      throw new UsageError(
        'no target; set --address, --scoring-uri, --outputs or --service, or "target" in the file',
      );
    }
    return { target: withFilesIn(folder, file.target) };
  }
  const local = await resolveLocalService(service);
  return {
    target: {
      host: local.hostname ?? local.address,
      port: local.port,
      plaintext: !local.tls,
      modelName: local.model,
      modelVersion: local.modelVersion,
      connectTo: local.hostname === null ? undefined : local.address,
      keyFile: local.keyFile ?? undefined,
      rootCertificateFile: local.rootCertificateFile ?? undefined,
    },
    labelsFile: local.labelsFile ?? undefined,
  };
}

/** The target that was found, with the flags that say how to reach it. */
function reachTarget(found: SmokeTestTarget, set: unknown, flags: SmokeTestFlags): Group {
  const bypassed: readonly (keyof SmokeTestTarget)[] = [
    ...(flags.connectTo === undefined ? [] : (['expectedAddress'] as const)),
    ...(flags.plaintext ? TLS_FILES : []),
    ...(flags.keyFile === undefined && flags.keyEnv === undefined ? [] : (['key', 'keyFile'] as const)),
  ];
  return {
    ...Object.fromEntries(
      Object.entries(found).filter(([name]) => !bypassed.includes(name as keyof SmokeTestTarget)),
    ),
    ...(set as Group | undefined),
    ...(flags.keyEnv === undefined ? {} : { key: keyFromEnvironment(flags.keyEnv) }),
    ...(flags.connectTo === undefined ? {} : { connectTo: flags.connectTo.replace(/^\[(.*)\]$/, '$1') }),
  };
}

function keyFromEnvironment(name: string): string {
  const key = process.env[name]?.trim();
  if (!key) {
    throw new UsageError(
      `--key-env is ${name}, which is not set; set it to the service's key, or use --key-file`,
    );
  }
  return key;
}

/** Whoever sets such a flag relies on every sample being compared with it. */
function requireUsedExpectation({ expect }: Group, file: SmokeTestFile | undefined): void {
  if (expect && file?.samples.every((sample) => sample.expect)) {
    const [first] = Object.keys(expect);
    throw new UsageError(
      `${flagOf(`expect.${first}`)} is set, but each sample in the file has its own expectation; remove it, or ` +
        'pass the samples that it applies to',
    );
  }
}

function parseJson(flag: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${flag} is "${text}", which is not JSON; put a string in quotes: '"seven"'`);
  }
}
