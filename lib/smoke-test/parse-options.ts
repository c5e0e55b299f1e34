import { Resolver } from 'node:dns';
import { isIP } from 'node:net';

import { defaultPort } from '../connection/default-port';
import {
  numberAbove,
  numberFrom,
  PORT_NUMBER,
  wholeNumber,
  type NumberRange,
} from '../validation/number-range';
import { DEPLOYMENT_NAME, isDeploymentName } from '../validation/deployment-name';
import { propertyNames, type OptionNames } from '../validation/option-names';
import { isServiceKey } from '../validation/service-key';
import { requireConsistent, requireConsistentTest, type TargetlessOptions } from './consistent-options';
import { compileJsonPath } from './json-answer';
import { any, boolean, list, number, object, oneOf, Option, string, type OptionType } from './option-types';
import type {
  LatencyBudget,
  Rollout,
  SmokeTestBaseline,
  SmokeTestExpectation,
  SmokeTestOptions,
  SmokeTestReference,
  SmokeTestSample,
  SmokeTestSettings,
  SmokeTestTarget,
  WarmCalls,
} from './smoke-test-options';

/** A smoke test as a JSON file describes it. */
export interface SmokeTestFile extends SmokeTestSettings {
  /** `undefined` if the target is set elsewhere, so that one set of samples can test every stage of a deployment. */
  readonly target?: SmokeTestTarget | undefined;
  /** Files, or folders of images. */
  readonly samples: readonly SmokeTestSample[];
  /** File with the names of the classes, one per line, class 0 first. */
  readonly labelsFile?: string | undefined;
}

/** A smoke test before the target is parsed, which may be a scoring URI. */
export interface SmokeTestInput extends Omit<SmokeTestFile, 'target'> {
  readonly target?: SmokeTestTarget | EndpointTarget | undefined;
}

const nonEmpty: OptionType<string> = (value, option) => {
  if (typeof value !== 'string' || value === '') {
    throw option.unexpected(value, 'a non-empty string');
  }
  return value;
};

const ipAddress: OptionType<string> = (value, option) => {
  if (typeof value !== 'string' || isIP(value) === 0) {
    throw option.unexpected(value, 'an IP address');
  }
  return value;
};

const nameServer: OptionType<string> = (value, option) => {
  try {
    new Resolver().setServers([value as string]);
  } catch {
    throw option.unexpected(value, 'an IP address, with a port if it is not 53');
  }
  return value as string;
};

const jsonPath: OptionType<string> = (value, option) => {
  const path = string(value, option);
  try {
    compileJsonPath(path);
  } catch (error) {
    throw option.error(
      `${option.name} is "${path}" (${(error as Error).message}); expected a JSONPath such as $.predictions[0]`,
    );
  }
  return path;
};

/** Validates a key. The message does not contain the value. */
const serviceKey: OptionType<string> = (value, option) => {
  if (typeof value !== 'string' || !isServiceKey(value)) {
    throw option.error(
      `${option.name} is ${value === '' ? 'empty' : 'not a key that can be sent'}; expected printable ASCII without ` +
        'spaces and line breaks',
    );
  }
  return value;
};

const deploymentName: OptionType<string> = (value, option) => {
  if (typeof value !== 'string' || !isDeploymentName(value)) {
    throw option.unexpected(value, DEPLOYMENT_NAME);
  }
  return value;
};

const probability: NumberRange = {
  accepts: (value) => value >= 0 && value <= 1,
  expected: 'a number from 0 to 1',
};

const anyNumber: NumberRange = { accepts: Number.isFinite, expected: 'a finite number' };

const expectation = object<SmokeTestExpectation>({
  label: string,
  classIndex: number(wholeNumber(0)),
  top: number(wholeNumber(1)),
  minimumProbability: number(probability),
  shape: list(number(wholeNumber(1))),
  minimumValue: number(anyNumber),
  maximumValue: number(anyNumber),
  jsonPath,
  equalTo: any(),
  argmax: number(wholeNumber(0)),
});

const samples = list(object<SmokeTestSample>({ path: nonEmpty, expect: expectation }, ['path']));

/** Properties of a target with a host and port, or with a scoring URI. */
const connection = {
  serverName: nonEmpty,
  connectTo: ipAddress,
  expectedAddress: ipAddress,
  deployment: deploymentName,
  keyFile: nonEmpty,
  rootCertificateFile: nonEmpty,
  certificateFile: nonEmpty,
  clientCertificateFile: nonEmpty,
  clientKeyFile: nonEmpty,
};

const target = object<SmokeTestTarget>(
  {
    protocol: oneOf('grpc', 'rest', 'http'),
    host: nonEmpty,
    port: number(PORT_NUMBER),
    plaintext: boolean,
    path: nonEmpty,
    key: serviceKey,
    modelName: nonEmpty,
    modelVersion: nonEmpty,
    outputName: nonEmpty,
    ...connection,
  },
  ['host', 'port'],
);

/** An online endpoint as a target in JSON. */
export interface EndpointTarget extends Pick<SmokeTestTarget, keyof typeof connection> {
  readonly scoringUri: string;
}

const endpointTarget = object<EndpointTarget>({ scoringUri: string, ...connection }, ['scoringUri']);

/** A target in JSON: a host and a port, or the scoring URI of an online endpoint. */
const jsonTarget: OptionType<SmokeTestTarget> = (value, option) => {
  if (typeof value !== 'object' || value === null || !('scoringUri' in value)) {
    return target(value, option);
  }
  const { scoringUri, ...rest } = endpointTarget(value, option);
  return { ...parseScoringUri(scoringUri, option.property('scoringUri')), ...rest };
};

const settings = {
  expect: expectation,
  resolvers: list(nameServer),
  readyTimeoutSeconds: number(numberFrom(0)),
  callTimeoutSeconds: number(numberAbove(0)),
  revision: nonEmpty,
  rollout: object<Rollout>({ connections: number(wholeNumber(1)), inspect: nonEmpty }, ['connections']),
  minimumDaysToExpiry: number(numberFrom(0)),
  warmCalls: object<WarmCalls>({
    count: number(wholeNumber(0)),
    durationSeconds: number(numberAbove(0)),
    concurrency: number(wholeNumber(1)),
    warmUp: number(wholeNumber(0)),
  }),
  latencyBudget: object<LatencyBudget>({
    p50Ms: number(numberAbove(0)),
    p95Ms: number(numberAbove(0)),
    p99Ms: number(numberAbove(0)),
    minimumRequestsPerSecond: number(numberAbove(0)),
  }),
  baseline: object<SmokeTestBaseline>({ file: nonEmpty, tolerance: number(numberFrom(0)) }, ['file']),
  reference: object<SmokeTestReference>(
    {
      target: jsonTarget,
      tolerance: number(numberFrom(0)),
      maximumClassChanges: number(wholeNumber(0)),
    },
    ['target'],
  ),
  updateBaseline: boolean,
};

const options = object<SmokeTestOptions>(
  { target, samples, labels: list(string), signal: any(), onEvent: any(), optionNames: any(), ...settings },
  ['target', 'samples'],
);

const targetless = object<TargetlessOptions>(
  { samples, labels: list(string), signal: any(), onEvent: any(), optionNames: any(), ...settings },
  ['samples'],
);

const file = object<SmokeTestFile>({ target: jsonTarget, samples, labelsFile: nonEmpty, ...settings }, [
  'samples',
]);

/**
 * Validates the options of a smoke test.
 * @param names where the user sets an option
 * @throws SmokeTestOptionError if an option is invalid
 */
export function parseOptions(value: unknown, names: OptionNames = propertyNames): SmokeTestOptions {
  const parsed = options(value, new Option(names));
  requireConsistent(parsed, names);
  return parsed;
}

/**
 * Validates the options of a smoke test whose target is not known yet.
 * @throws SmokeTestOptionError if an option is invalid
 */
export function parseTest(
  value: unknown,
  called: Pick<SmokeTestTarget, 'protocol' | 'plaintext'>,
  names: OptionNames,
): TargetlessOptions {
  const parsed = targetless(value, new Option(names));
  requireConsistentTest(parsed, called, names);
  return parsed;
}

/**
 * Validates a smoke test in JSON. The consistency of its options is checked when it runs, because it depends on the target.
 * @throws SmokeTestOptionError if a field is invalid
 */
export function parseTestFile(value: unknown): SmokeTestFile {
  return file(value, new Option(propertyNames));
}

/**
 * Validates a target in JSON.
 * @throws SmokeTestOptionError if a field is invalid
 */
export function parseTarget(value: unknown): SmokeTestTarget {
  return jsonTarget(value, new Option(propertyNames).property('target'));
}

/**
 * Returns the target of an online endpoint's scoring URI.
 * @throws SmokeTestOptionError if the URI is invalid
 */
export function parseScoringUri(uri: string, option: Option): SmokeTestTarget {
  const parsed = URL.canParse(uri) ? new URL(uri) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw option.unexpected(uri, 'a URI such as https://scoring.example.com/score');
  }
  if (parsed.username !== '' || parsed.password !== '') {
    // The message must not show the password.
    throw option.error(
      `${option.name} of ${parsed.host} contains a user name or a password`,
      'remove them and pass the key in a key file',
    );
  }
  const plaintext = parsed.protocol === 'http:';
  return {
    protocol: 'http',
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: parsed.port === '' ? defaultPort(!plaintext) : Number(parsed.port),
    plaintext,
    path: parsed.pathname + parsed.search,
  };
}
