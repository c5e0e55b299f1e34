import { isIP } from 'node:net';

import { isLocalhostName } from '../connection/name-lookup';
import { canonicalAddress } from '../tls/certificate-names';
import { didYouMean } from '../validation/did-you-mean';
import type { OptionNames } from '../validation/option-names';
import { SmokeTestOptionError } from './smoke-test-error';
import {
  sampleName,
  TLS_FILES,
  type SmokeTestExpectation,
  type SmokeTestOptions,
  type SmokeTestTarget,
} from './smoke-test-options';

/** The options that do not describe the target. */
export type TargetlessOptions = Omit<SmokeTestOptions, 'target'>;

/** Most labels that a message lists. */
const LISTED_LABELS = 10;
const CLASS_EXPECTATIONS = ['label', 'classIndex', 'top', 'minimumProbability'] as const;
const OUTPUT_EXPECTATIONS = ['shape', 'minimumValue', 'maximumValue'] as const;
const IMAGE_EXPECTATIONS = [...CLASS_EXPECTATIONS, ...OUTPUT_EXPECTATIONS] as const;
const ANSWER_EXPECTATIONS = ['jsonPath', 'equalTo', 'argmax'] as const;

/**
 * Requires consistent options. Options without effect are rejected, too, because the test would pass without checking
 * them.
 * @throws SmokeTestOptionError if options are inconsistent
 */
export function requireConsistent(options: SmokeTestOptions, names: OptionNames): void {
  requireConsistentTest(options, options.target, names);
  requireConsistentTarget(options, names);
}

/**
 * The checks of {@link requireConsistent} that need no address, for synth.
 * @throws SmokeTestOptionError if options are inconsistent
 */
export function requireConsistentTest(
  options: TargetlessOptions,
  { protocol, plaintext }: Pick<SmokeTestTarget, 'protocol' | 'plaintext'>,
  names: OptionNames,
): void {
  const { samples, expect, labels, minimumDaysToExpiry, updateBaseline, baseline, reference } = options;
  if (samples.length === 0) {
    throw new SmokeTestOptionError('samples', `${names('samples')} is empty; set at least one`);
  }
  const rules = protocol === 'http' ? requireAnswerExpectation : requireImageExpectation;
  rules('expect', expect ?? {}, labels, names);
  for (const [index, sample] of samples.entries()) {
    rules(`samples[${index}].expect`, sample.expect ?? {}, labels, names);
  }
  requireOneKind(options, names);
  if (reference && baseline) {
    throw new SmokeTestOptionError(
      'reference',
      `${names('reference')} and ${names('baseline')} are both set, but an answer is compared with one other`,
      { remedy: 'remove one of them, or declare a separate test for each' },
    );
  }
  if (baseline) {
    requireDistinctNames(samples);
  } else if (updateBaseline) {
    throw new SmokeTestOptionError('updateBaseline', `${names('updateBaseline')} is set without a baseline`, {
      remedy: `set ${names('baseline.file')}`,
    });
  }
  requireCallsToMeasure(options, names);
  if (minimumDaysToExpiry !== undefined && plaintext) {
    throw new SmokeTestOptionError(
      'minimumDaysToExpiry',
      `${names('minimumDaysToExpiry')} is ${minimumDaysToExpiry}, but without TLS there is no certificate`,
      { remedy: 'remove it, or call the service with TLS' },
    );
  }
}

/** Whether answers are checked as an output of numbers rather than as the probabilities of classes. */
export function checksOutput({ expect, samples }: Pick<TargetlessOptions, 'expect' | 'samples'>): boolean {
  return [expect, ...samples.map((sample) => sample.expect)].some((expected) =>
    OUTPUT_EXPECTATIONS.some((key) => expected?.[key] !== undefined),
  );
}

/** An output consists of probabilities or of other numbers, whatever the sample. */
function requireOneKind({ expect, samples }: TargetlessOptions, names: OptionNames): void {
  const expectations: [path: string, expected: SmokeTestExpectation | undefined][] = [
    ['expect', expect],
    ...samples.map((sample, index) => [`samples[${index}].expect`, sample.expect] as [string, typeof expect]),
  ];
  const set = (keys: readonly (keyof SmokeTestExpectation)[]) =>
    expectations.flatMap(([path, expected]) =>
      keys.filter((key) => expected?.[key] !== undefined).map((key) => `${path}.${key}`),
    );
  const output = set(OUTPUT_EXPECTATIONS).at(0);
  const ofClass = set(CLASS_EXPECTATIONS).at(0);
  if (output !== undefined && ofClass !== undefined) {
    throw new SmokeTestOptionError(
      output,
      `${names(output)} and ${names(ofClass)} are both set, but an output has probabilities or other numbers`,
      { remedy: 'remove one of them, or declare a separate test for each output' },
    );
  }
  for (const [path, expected] of expectations) {
    const { minimumValue = -Infinity, maximumValue = Infinity } = expected ?? {};
    if (minimumValue > maximumValue) {
      throw new SmokeTestOptionError(
        `${path}.minimumValue`,
        `${names(`${path}.minimumValue`)} is ${minimumValue}, which is above ${names(`${path}.maximumValue`)} (${maximumValue})`,
        { remedy: 'lower it' },
      );
    }
  }
}

function requireAnswerExpectation(
  path: string,
  expected: SmokeTestExpectation,
  _labels: readonly string[] | undefined,
  names: OptionNames,
): void {
  refuseExpectations(
    path,
    expected,
    IMAGE_EXPECTATIONS,
    'images',
    'a JSON answer',
    ANSWER_EXPECTATIONS,
    names,
  );
}

function requireImageExpectation(
  path: string,
  expected: SmokeTestExpectation,
  labels: readonly string[] | undefined,
  names: OptionNames,
): void {
  refuseExpectations(
    path,
    expected,
    ANSWER_EXPECTATIONS,
    'JSON answers',
    'an image',
    IMAGE_EXPECTATIONS,
    names,
  );
  const { label, classIndex, top } = expected;
  const name = (key: keyof SmokeTestExpectation) => names(`${path}.${key}`);
  if (top !== undefined && label === undefined && classIndex === undefined) {
    throw new SmokeTestOptionError(`${path}.top`, `${name('top')} is ${top}, but no class is expected`, {
      remedy: `set ${name('label')} or ${name('classIndex')}, or remove ${name('top')}`,
    });
  }
  if (label !== undefined) {
    if (!labels || labels.length === 0) {
      throw new SmokeTestOptionError(
        `${path}.label`,
        `${name('label')} is "${label}", but there are no labels`,
        {
          remedy: `set ${names('labels')}, or use ${name('classIndex')} instead`,
        },
      );
    }
    if (!labels.includes(label)) {
      throw new SmokeTestOptionError(
        `${path}.label`,
        `${name('label')} is "${label}", which is not one of the ${labels.length} labels`,
        {
          remedy:
            didYouMean(label, labels) ??
            (labels.length <= LISTED_LABELS
              ? `use one of ${labels.map((each) => `"${each}"`).join(', ')}`
              : undefined),
        },
      );
    }
  }
  if (classIndex !== undefined && labels && classIndex >= labels.length) {
    throw new SmokeTestOptionError(
      `${path}.classIndex`,
      `${name('classIndex')} is ${classIndex}, but there are ${labels.length} labels; expected a whole number from 0 ` +
        `to ${labels.length - 1}`,
    );
  }
}

function refuseExpectations(
  path: string,
  expected: SmokeTestExpectation,
  refused: readonly (keyof SmokeTestExpectation)[],
  theirs: string,
  ours: string,
  accepted: readonly (keyof SmokeTestExpectation)[],
  names: OptionNames,
): void {
  const wrong = refused.find((key) => expected[key] !== undefined);
  if (wrong !== undefined) {
    const instead = accepted.map((key) => names(`${path}.${key}`)).join(', ');
    throw new SmokeTestOptionError(
      `${path}.${wrong}`,
      `${names(`${path}.${wrong}`)} applies only to ${theirs}`,
      { remedy: `for ${ours}, use ${instead}` },
    );
  }
}

/** A baseline stores answers by sample name, so the second of two samples with one name would replace the first. */
function requireDistinctNames(samples: SmokeTestOptions['samples']): void {
  const paths = new Map<string, string>();
  for (const [index, { path }] of samples.entries()) {
    const other = paths.get(sampleName(path));
    if (other !== undefined && other !== path) {
      throw new SmokeTestOptionError(
        `samples[${index}].path`,
        `the samples ${other} and ${path} have the same file name, by which the baseline identifies them`,
        { remedy: 'rename one of them, or test them separately with separate baselines' },
      );
    }
    paths.set(sampleName(path), path);
  }
}

function requireCallsToMeasure(
  { latencyBudget = {}, warmCalls, samples }: TargetlessOptions,
  names: OptionNames,
): void {
  const limited = Object.values(latencyBudget).some((limit) => limit !== undefined);
  if (limited && warmCalls?.count === 0 && warmCalls.durationSeconds === undefined && samples.length === 1) {
    throw new SmokeTestOptionError(
      'latencyBudget',
      `${names('warmCalls.count')} is 0, so there is no call to compare with the latency budget`,
      { remedy: `raise ${names('warmCalls.count')} or remove the budget` },
    );
  }
}

function requireConsistentTarget({ target }: SmokeTestOptions, names: OptionNames): void {
  const { protocol, host, port, plaintext, key, keyFile, connectTo, expectedAddress } = target;
  const refuse = (option: keyof SmokeTestTarget, finding: string, remedy: string) =>
    new SmokeTestOptionError(`target.${option}`, finding, { remedy });
  const name = (option: keyof SmokeTestTarget) => names(`target.${option}`);
  if (key !== undefined && keyFile !== undefined) {
    throw refuse('key', `${name('key')} and ${name('keyFile')} are both set`, 'set one of them');
  }
  if (protocol === 'http' && plaintext && (key ?? keyFile) !== undefined) {
    throw refuse(
      key === undefined ? 'keyFile' : 'key',
      `the target is http://${host}:${port}, and anyone on the network path could read the key`,
      'use https, or remove the key',
    );
  }
  if (protocol === 'rest' && plaintext) {
    throw refuse(
      'plaintext',
      `${name('plaintext')} is set, but services are called over REST only with TLS`,
      'remove it, or call the service over gRPC',
    );
  }
  const called = connectTo ?? (isIP(host) === 0 ? undefined : host);
  if (expectedAddress !== undefined) {
    if (called !== undefined && canonicalAddress(called) !== canonicalAddress(expectedAddress)) {
      throw refuse(
        'expectedAddress',
        `${name('expectedAddress')} is ${expectedAddress}, but the test calls ${called} and looks up no DNS record`,
        'remove one of them',
      );
    }
    if (called === undefined && isLocalhostName(host)) {
      throw refuse(
        'expectedAddress',
        `${name('expectedAddress')} is ${expectedAddress}, but ${host} is the local machine and has no DNS record`,
        'remove it',
      );
    }
  }
  const { clientCertificateFile, clientKeyFile } = target;
  if ((clientCertificateFile === undefined) !== (clientKeyFile === undefined)) {
    const [set, missing] =
      clientKeyFile === undefined
        ? (['clientCertificateFile', 'clientKeyFile'] as const)
        : (['clientKeyFile', 'clientCertificateFile'] as const);
    throw refuse(missing, `${name(set)} is set without ${name(missing)}`, 'set both');
  }
  const unused = plaintext ? TLS_FILES.find((file) => target[file] !== undefined) : undefined;
  if (unused !== undefined) {
    throw refuse(
      unused,
      `${name(unused)} is ${String(target[unused])}, but the service is called without TLS`,
      'remove it, or call the service with TLS',
    );
  }
  if ((protocol ?? 'grpc') === 'grpc' && target.deployment !== undefined) {
    throw refuse(
      'deployment',
      `${name('deployment')} is ${target.deployment}, but only online endpoints have deployments, and they do not speak gRPC`,
      'remove it, or call the endpoint over REST or HTTP',
    );
  }
  if (protocol === 'http' && target.modelVersion !== undefined) {
    throw refuse(
      'modelVersion',
      `${name('modelVersion')} is ${target.modelVersion}, but online endpoints do not report what they serve`,
      'remove it',
    );
  }
}
