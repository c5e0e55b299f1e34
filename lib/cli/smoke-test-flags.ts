import { isIP } from 'node:net';
import path from 'node:path';

import { formatAddress, parseAddress, type Address } from '../connection/address';
import { findProjectFolder } from '../local/project-folder';
import { parseScoringUri } from '../smoke-test/scoring-uri';
import { findSamples } from '../smoke-test/find-samples';
import type {
  SmokeTestExpectation,
  SmokeTestOptions,
  SmokeTestTarget,
  WarmCalls,
} from '../smoke-test/smoke-test-options';
import type { LatencyBudget } from '../smoke-test/smoke-test-report';
import type { SmokeTestFile } from '../smoke-test/smoke-test-file';
import { TLS_FILES, withFilesIn } from '../smoke-test/target-files';
import { resolveLocalService } from './local';
import { nonNegativeNumber } from './non-negative-number';
import { nameFlags } from './smoke-test-flag-names';
import { UsageError } from './report-failure';

/** The flags of `cdktf-brainwave smoke-test`, as they are written. */
export interface SmokeTestFlags {
  readonly address?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly service?: string | undefined;
  readonly outputs?: string | undefined;
  readonly output?: string | undefined;
  readonly file?: string | undefined;
  readonly hostname?: string | undefined;
  readonly resolve?: string | undefined;
  readonly expectAddress?: string | undefined;
  readonly resolver?: string[] | undefined;
  readonly plaintext?: true | undefined;
  readonly keyFile?: string | undefined;
  readonly keyEnv?: string | undefined;
  readonly rootCertificate?: string | undefined;
  readonly certificate?: string | undefined;
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
  readonly model?: string | undefined;
  readonly modelVersion?: string | undefined;
  readonly labels?: string | undefined;
  readonly expectLabel?: string | undefined;
  readonly expectClass?: string | undefined;
  readonly top?: string | undefined;
  readonly minimumProbability?: string | undefined;
  readonly jsonPath?: string | undefined;
  readonly equals?: string | undefined;
  readonly argmax?: string | undefined;
  readonly baseline?: string | undefined;
  readonly tolerance?: string | undefined;
  readonly updateBaseline?: true | undefined;
  readonly count?: string | undefined;
  readonly duration?: string | undefined;
  readonly concurrency?: string | undefined;
  readonly warmUp?: string | undefined;
  readonly maxP50?: string | undefined;
  readonly maxP95?: string | undefined;
  readonly maxP99?: string | undefined;
  readonly minThroughput?: string | undefined;
  readonly minDays?: string | undefined;
  readonly readyTimeout?: string | undefined;
  readonly timeout?: string | undefined;
  readonly report?: string[] | undefined;
  readonly dryRun?: true | undefined;
}

const DEFAULT_READY_TIMEOUT_MS = 60_000;

/**
 * What the flags ask for; a flag goes before what a file says.
 * @throws UsageError, SmokeTestError SMOKE_TEST_INPUT, LocalError SERVICE_NOT_FOUND
 */
export async function smokeTestOptions(
  samples: readonly string[],
  flags: SmokeTestFlags,
): Promise<SmokeTestOptions> {
  const file = flags.file === undefined ? undefined : await readTest(flags.file);
  const found = await findTarget(flags, file);
  const written = file && (await optionsOfFile(file, found.target));
  const labelsFile = flags.labels ?? (written?.labels ? undefined : found.labelsFile);
  const given = (await Promise.all(samples.map((sample) => findSamples(sample)))).flat();
  const baseline = baselineOf(flags, written);
  const expect = expectationOf(flags);
  if (given.length === 0 && written?.samples.every((sample) => sample.expect)) {
    refuseUnusedExpectation(expect);
  }
  return {
    readyTimeoutMs: DEFAULT_READY_TIMEOUT_MS,
    ...written,
    target: wayTo(found.target, flags),
    samples: given.length > 0 ? given.map((each) => ({ path: each })) : (written?.samples ?? []),
    expect: { ...written?.expect, ...expect },
    warm: { ...written?.warm, ...warmOf(flags) },
    budget: { ...written?.budget, ...budgetOf(flags) },
    ...(labelsFile !== undefined && { labels: await labelsOf(labelsFile) }),
    ...optional('readyTimeoutMs', seconds('--ready-timeout', flags.readyTimeout)),
    ...optional('callTimeoutMs', seconds('--timeout', flags.timeout)),
    ...optional('minimumDaysToExpiry', number('--min-days', flags.minDays)),
    ...(baseline && { baseline }),
  };
}

// What checks files against schemas is loaded where there is a file: it takes longer than a call.

interface WrittenTest {
  readonly test: SmokeTestFile;
  readonly folder: string;
}

async function readTest(file: string): Promise<WrittenTest> {
  const { readSmokeTestFile } = await import('../smoke-test/smoke-test-file.js');
  return { test: await readSmokeTestFile(file), folder: path.dirname(file) };
}

async function optionsOfFile(
  { test, folder }: WrittenTest,
  target: SmokeTestTarget,
): Promise<SmokeTestOptions> {
  const { optionsOf } = await import('../smoke-test/smoke-test-file.js');
  return optionsOf({ ...test, target }, folder);
}

async function labelsOf(file: string): Promise<string[]> {
  const { readLabels } = await import('../smoke-test/smoke-test-file.js');
  return readLabels(file);
}

async function findTarget(
  flags: SmokeTestFlags,
  file: WrittenTest | undefined,
): Promise<{ target: SmokeTestTarget; labelsFile?: string | undefined }> {
  const { address, endpoint, service, outputs, output, plaintext } = flags;
  if (output !== undefined && outputs === undefined) {
    throw new UsageError(`--output is ${output}, but there are no outputs to look for it in; give --outputs`);
  }
  if (address !== undefined) {
    const { host, port } = parseAddress(address, plaintext ? 80 : 443);
    return { target: { host, port, tls: !plaintext } };
  }
  if (endpoint !== undefined) {
    return { target: parseScoringUri(endpoint) };
  }
  if (outputs !== undefined) {
    const { readTargetFromOutputs } = await import('../smoke-test/target-from-outputs.js');
    const target = await readTargetFromOutputs(outputs, output);
    // A stack writes paths from the project's folder, as they are the same on every machine.
    return { target: withFilesIn(findProjectFolder(), target) };
  }
  if (file && service === undefined) {
    if (!file.test.target) {
      throw new UsageError(
        'no target; give --address, --endpoint, --outputs or --service, or the file a "target"',
      );
    }
    return { target: withFilesIn(file.folder, file.test.target) };
  }
  const local = await resolveLocalService(service);
  return {
    target: {
      host: local.hostname ?? local.address,
      port: local.port,
      tls: local.tls,
      model: local.model,
      modelVersion: local.modelVersion,
      ...(local.hostname !== null && { connectTo: local.address }),
      ...(local.keyFile !== null && { keyFile: local.keyFile }),
      ...(local.rootCertificateFile !== null && { rootCertificateFile: local.rootCertificateFile }),
    },
    ...(local.labelsFile !== null && { labelsFile: local.labelsFile }),
  };
}

function wayTo(found: SmokeTestTarget, flags: SmokeTestFlags): SmokeTestTarget {
  if (flags.resolver && (flags.resolve !== undefined || isIP(found.host) !== 0)) {
    throw new UsageError(
      `--resolver is ${flags.resolver.join(', ')}, but an address is called, and no name server is asked; leave out ` +
        'one of them',
    );
  }
  const { key, keyFile, ...target } = withoutPassedOver(found, flags);
  return {
    ...target,
    ...(flags.keyEnv === undefined
      ? { ...optional('key', key), ...optional('keyFile', flags.keyFile ?? keyFile) }
      : { key: keyFromEnvironment(flags.keyEnv) }),
    ...(flags.plaintext && { tls: false }),
    ...optional('serverName', flags.hostname),
    ...(flags.resolve !== undefined && { connectTo: resolvedAddress(flags.resolve, target) }),
    ...optional('expectedAddress', flags.expectAddress),
    ...optional('resolvers', flags.resolver),
    ...optional('rootCertificateFile', flags.rootCertificate),
    ...optional('certificateFile', flags.certificate),
    ...optional('clientCertificateFile', flags.clientCertificate),
    ...optional('clientKeyFile', flags.clientKey),
    ...optional('model', flags.model),
    ...optional('modelVersion', flags.modelVersion),
  };
}

/** A stack, or a file, may expect something of a record, or of certificates, that flags have calls go past. */
function withoutPassedOver(target: SmokeTestTarget, { resolve, plaintext }: SmokeTestFlags): SmokeTestTarget {
  const passedOver: readonly (keyof SmokeTestTarget)[] = [
    ...(resolve === undefined ? [] : (['expectedAddress', 'resolvers'] as const)),
    ...(plaintext ? TLS_FILES : []),
  ];
  const kept = Object.entries(target).filter(([name]) => !passedOver.includes(name as keyof SmokeTestTarget));
  return Object.fromEntries(kept) as unknown as SmokeTestTarget;
}

/** `host:port:address`, as curl takes it; the address alone will do. */
function resolvedAddress(text: string, target: Address): string {
  const entry = isIP(text) === 0 ? /^(\[[^\]]+\]|[^:]+):(\d+):(.+)$/.exec(text) : undefined;
  const [, host, port, address = text] = entry ?? [];
  // curl passes over an entry for another host: the test would look at what DNS says, and seem to have looked here.
  if (
    host &&
    (withoutBrackets(host).toLowerCase() !== target.host.toLowerCase() || Number(port) !== target.port)
  ) {
    throw new UsageError(
      `--resolve is for ${host}:${port}, but ${formatAddress(target)} is tested; name that host and port, or give ` +
        'the address alone',
    );
  }
  return withoutBrackets(address);
}

function withoutBrackets(text: string): string {
  return text.replace(/^\[(.*)\]$/, '$1');
}

function keyFromEnvironment(name: string): string {
  const key = process.env[name]?.trim();
  if (!key) {
    throw new UsageError(
      `--key-env is ${name}, which is not set; set it to the service's key, or give --key-file`,
    );
  }
  return key;
}

function expectationOf(flags: SmokeTestFlags): SmokeTestExpectation {
  return {
    ...optional('label', flags.expectLabel),
    ...optional('classIndex', number('--expect-class', flags.expectClass)),
    ...optional('top', number('--top', flags.top)),
    ...optional('minimumProbability', number('--minimum-probability', flags.minimumProbability)),
    ...optional('jsonPath', flags.jsonPath),
    ...(flags.equals !== undefined && { equalTo: parseJson(flags.equals) }),
    ...optional('argmax', number('--argmax', flags.argmax)),
  };
}

/** Whoever gives such a flag believes that every sample is held against it. */
function refuseUnusedExpectation(expected: SmokeTestExpectation): void {
  const unused = Object.keys(expected).at(0);
  if (unused !== undefined) {
    throw new UsageError(
      nameFlags(
        `expect.${unused} is given, but each sample of the file has an expectation of its own; leave it out, or name ` +
          'the samples that it is for',
      ),
    );
  }
}

function warmOf(flags: SmokeTestFlags): WarmCalls {
  return {
    ...optional('count', number('--count', flags.count)),
    ...optional('durationMs', seconds('--duration', flags.duration)),
    ...optional('concurrency', number('--concurrency', flags.concurrency)),
    ...optional('warmUp', number('--warm-up', flags.warmUp)),
  };
}

function budgetOf(flags: SmokeTestFlags): LatencyBudget {
  return {
    ...optional('p50Ms', number('--max-p50', flags.maxP50)),
    ...optional('p95Ms', number('--max-p95', flags.maxP95)),
    ...optional('p99Ms', number('--max-p99', flags.maxP99)),
    ...optional('minimumRequestsPerSecond', number('--min-throughput', flags.minThroughput)),
  };
}

function baselineOf(
  { baseline, tolerance, updateBaseline }: SmokeTestFlags,
  written: SmokeTestOptions | undefined,
): SmokeTestOptions['baseline'] {
  const file = baseline ?? written?.baseline?.file;
  if (file === undefined) {
    if (updateBaseline ?? tolerance !== undefined) {
      throw new UsageError('there is no baseline to record or compare with; name its file with --baseline');
    }
    return undefined;
  }
  return {
    ...written?.baseline,
    file,
    ...optional('tolerance', number('--tolerance', tolerance)),
    ...(updateBaseline && { update: true }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--equals is "${text}", which is not JSON; a text needs its quotes: '"seven"'`);
  }
}

function number(flag: string, value: string | undefined): number | undefined {
  return value === undefined ? undefined : nonNegativeNumber(flag, value);
}

function seconds(flag: string, value: string | undefined): number | undefined {
  return value === undefined ? undefined : nonNegativeNumber(flag, value) * 1000;
}

function optional<Name extends string, T>(name: Name, value: T | undefined): Partial<Record<Name, T>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, T>);
}
