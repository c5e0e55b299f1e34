import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { Lazy, Token, dependable } from 'cdktf';
import type { Construct } from 'constructs';

import { FolderLayout } from '../../lib/contract/folder-layout';
import type { StepInput } from '../../lib/contract/steps';
import { reportExtensions, reportFormatOf } from '../../lib/smoke-test/reports/report-format';
import { UNRESOLVED } from '../../lib/smoke-test/option-types';
import { parseTest, type SmokeTestInput } from '../../lib/smoke-test/parse-options';
import type { SmokeTestTarget } from '../../lib/smoke-test/smoke-test-options';
import { propertyNames } from '../../lib/validation/option-names';
import { nameFromPath } from '../azure/derived-name';
import { dependablesFor } from '../terraform/dependables';
import { lazyJsonTemplate } from '../terraform/json-template';
import { projectPath, stagedAsset } from '../terraform/project-files';
import { createStep, writeSecretsStep, type StepSecrets } from '../terraform/provisioner-step';
import { TerraformData } from '../terraform/terraform-data';
import { ConstructError, withConstructPath } from '../validation/construct-error';
import { requireKnown } from '../validation/synth-value';
import { addWarning } from '../validation/warning';
import type { IWebservice, PodsAccess } from '../webservice/webservice';
import { SmokeTestRunner, type SmokeTestProps } from './smoke-test-props';
import {
  deploymentSubject,
  endpointSubject,
  webserviceSubject,
  type SmokeTestSubject,
} from './smoke-test-subject';

/** Properties of a test, with what distinguishes a {@link ParityTest}. @internal */
export interface SmokeTestDeclaration extends SmokeTestProps {
  /** Another web service whose answers must be the same. */
  readonly reference?: ParityReference | undefined;
}

/** @internal */
export interface ParityReference {
  readonly service: IWebservice;
  readonly tolerance?: number | undefined;
  readonly maximumClassChanges?: number | undefined;
}

/** @internal */
export interface DeclaredSmokeTest {
  readonly resource: TerraformData;
  readonly candidate: TerraformData | undefined;
  /** Relative to the project's folder. */
  readonly reportFile: string;
}

/** What distinguishes the runs of a test. */
interface RunProps {
  /** @param access of a test that needs the cluster */
  readonly target: (access: PodsAccess | undefined) => SmokeTestInput['target'];
  /** Whether callers do not reach the tested pods yet. */
  readonly candidate: boolean;
  /** File of the JSON report. */
  readonly report: string;
  /** @default - none */
  readonly reports?: string[] | undefined;
}

/**
 * Declares the resources of a test.
 * @internal
 */
export function declareSmokeTest(scope: Construct, props: SmokeTestDeclaration): DeclaredSmokeTest {
  const { expect, baseline, warmCalls, latencyBudget, minimumDaysToExpiry, resolvers } = props;
  const { callTimeoutSeconds, outputName, reports = [] } = props;
  const subject = subjectOf(scope, props);
  const runner = runnerOf(scope, props, subject);
  const { keys, revision, rollout, reportsRevision = false } = subject;
  const { readyTimeoutSeconds = rollout?.timeoutSeconds ?? 300 } = props;
  const labels = labelsOf(scope, props, subject);
  const settings = {
    expect,
    resolvers,
    readyTimeoutSeconds,
    callTimeoutSeconds,
    revision: reportsRevision ? revision : undefined,
    rollout: rollout && { connections: rollout.connections, inspect: rollout.inspect },
    minimumDaysToExpiry,
    warmCalls,
    latencyBudget,
    baseline: baseline && { ...baseline, file: knownFile(scope, baseline.file) },
  };
  const { reference } = props;
  const other = reference && webserviceSubject(scope, reference.service);
  const labelsFile = labels && stageLabels(scope, labels);
  requireSamples(scope, props);
  requireOutput(scope, props);
  requireReports(scope, reports);
  const samples = props.samples.map((sample, index) => ({
    path: sample.bind(scope, index === 0 ? 'Sample' : `Sample${index + 1}`),
    expect: sample.expect,
  }));
  withConstructPath(scope, () => {
    const { protocol, plaintext } = subject;
    parseTest(knownAtSynth({ ...settings, samples, labels }), { protocol, plaintext }, propertyNames);
  });
  const name = nameFromPath(scope);
  const reportFile = inProject(props.reportFile ?? new FolderLayout().report(name));
  const baselineHash = baseline && hashOf(scope, baseline.file);
  const withOutput = outputName !== undefined && { outputName };
  const test = (target: SmokeTestInput['target'], step: string): SmokeTestInput => ({
    target: target && { ...target, keyFile: keyFileOf(subject, step), ...withOutput },
    reference: reference &&
      other && {
        // The target of a web service has a host and a port.
        target: {
          ...(other.target() as SmokeTestTarget),
          keyFile: keyFileOf(other, referenceStep(step)),
          ...withOutput,
        },
        tolerance: reference.tolerance,
        maximumClassChanges: reference.maximumClassChanges,
      },
    samples,
    labelsFile,
    ...settings,
    baseline: baseline && { ...baseline, file: projectPath(baseline.file) },
  });
  const { pods } = subject;
  const inCluster = runner === SmokeTestRunner.CLUSTER;
  if (inCluster && !pods) {
    throw new ConstructError(
      scope,
      'runner is SmokeTestRunner.CLUSTER, but the service does not run on Kubernetes; omit runner',
    );
  }
  const declare = (id: string, step: string, { target, candidate, report, reports: more }: RunProps) => {
    const access = candidate || inCluster ? pods?.access(step) : undefined;
    const kubeconfig = access?.kubeconfig;
    const secrets = new Map<string, StepSecrets>();
    if (keys !== undefined || kubeconfig !== undefined) {
      secrets.set(step, { keys, kubeconfig });
    }
    if (other?.keys) {
      secrets.set(referenceStep(step), { keys: other.keys });
    }
    // Records of the service may be declared after its test.
    const specification = lazyJsonTemplate((): StepInput<'smoke-test'> => ({
      test: test(target(access), step),
      reportFile: report,
      reports: more && more.length > 0 ? more : undefined,
      callers: candidate ? 'none' : subject.deployment || subject.hasShare ? 'share' : undefined,
      temporarySecrets: secrets.size > 0 ? [...secrets.keys()] : undefined,
      pods: access && podsInput(access, { candidate, job: inCluster ? step : undefined }),
    }));
    return new TerraformData(scope, id, {
      triggersReplace: {
        service: revision,
        specification,
        baseline: baselineHash,
        reference: other?.revision,
      },
      // Several provisioners of one resource: if the test failed and runs again, its secrets are written again, too.
      provisioners: [
        ...Array.from(secrets, ([written, values]) => writeSecretsStep(written, values)),
        createStep('smoke-test', specification),
      ],
    });
  };
  let candidate: TerraformData | undefined;
  if (pods && subject.testsBeforeTraffic) {
    candidate = declare('Candidate', `${name}-candidate`, {
      // The step replaces the address by the one at which it reaches the pods.
      target: (access) => access && subject.targetAt?.('127.0.0.1', access.port),
      candidate: true,
      report: reportFile.replace(/(\.json)?$/, '.candidate.json'),
    });
    candidate.dependsOn = dependablesFor(scope, [...pods.dependables, ...(other?.dependables() ?? [])]).map(
      (each) => dependable(each),
    );
    pods.addTest(candidate);
  }
  const resource = declare('Run', name, {
    target: () =>
      inCluster && pods ? subject.targetAt?.(pods.clusterAddress, pods.clusterPort) : subject.target(),
    candidate: false,
    report: reportFile,
    reports: reports.map((file) => inProject(file)),
  });
  resource.dependsOn = Lazy.listValue({
    produce: () =>
      dependablesFor(scope, [...subject.dependables(), ...(other?.dependables() ?? [])]).map((each) =>
        dependable(each),
      ),
  });
  subject.deployment?.addTest(resource);
  return { resource, candidate, reportFile };
}

/** Name of the secrets of the other service. */
function referenceStep(step: string): string {
  return `${step}-reference`;
}

function keyFileOf({ keys, keyFile }: SmokeTestSubject, step: string): string | undefined {
  return keys ? new FolderLayout().stepKeyFile(step) : keyFile;
}

function subjectOf(scope: Construct, { service, endpoint, deployment }: SmokeTestProps): SmokeTestSubject {
  const set = Object.entries({ service, endpoint, deployment }).filter(([, each]) => each);
  if (set.length > 1) {
    const [[first], [second]] = set;
    throw new ConstructError(
      scope,
      `${first} and ${second} are both set; declare a separate smoke test for each`,
    );
  }
  if (service) {
    return webserviceSubject(scope, service);
  }
  if (endpoint) {
    return endpointSubject(endpoint);
  }
  if (deployment) {
    return deploymentSubject(scope, deployment);
  }
  throw new ConstructError(scope, 'neither service nor endpoint is set; set the one to test');
}

function runnerOf(
  scope: Construct,
  { runner, reference }: SmokeTestDeclaration,
  { pods, isPrivate = false }: SmokeTestSubject,
): SmokeTestRunner {
  if (reference) {
    // A Job would need the keys of both services, and a route to the other one.
    return SmokeTestRunner.TERRAFORM;
  }
  if (runner === SmokeTestRunner.TERRAFORM && pods && isPrivate) {
    addWarning(
      scope,
      'runner is SmokeTestRunner.TERRAFORM, but the address of the service is private, so the test fails unless the machine ' +
        'that runs Terraform has a route to it; omit runner to test in the cluster',
    );
  }
  return runner ?? (pods && isPrivate ? SmokeTestRunner.CLUSTER : SmokeTestRunner.TERRAFORM);
}

function labelsOf(
  scope: Construct,
  { service, labels }: SmokeTestProps,
  subject: SmokeTestSubject,
): string[] | undefined {
  if (!service && labels) {
    throw new ConstructError(scope, 'labels apply only to web services; remove them');
  }
  return service ? (labels ?? subject.labels) : undefined;
}

function requireSamples(scope: Construct, { samples, service }: SmokeTestProps): void {
  // Without a type checker they may be missing, or paths.
  const given: unknown = samples;
  if (!Array.isArray(given)) {
    throw new ConstructError(scope, "samples is missing; set samples: [Sample.image('…')]");
  }
  const wrong = samples.findIndex(({ isRequest }) => isRequest === (service !== undefined));
  if (wrong >= 0) {
    throw new ConstructError(
      scope,
      service
        ? `samples[${wrong}] is not an image; use Sample.image(…) for a web service`
        : `samples[${wrong}] is not a request; use Sample.request(…) or Sample.data(…) for an online endpoint`,
    );
  }
  const stages = service?.model?.serviceDefinition?._content.definition.pipeline;
  if (stages && !stages.some(({ type }) => type === 'image')) {
    throw new ConstructError(
      scope,
      'the samples are images, but the model has no image stage to decode them; put Stage.image() before its first stage',
    );
  }
}

function requireOutput(scope: Construct, { outputName, service }: SmokeTestProps): void {
  if (outputName === undefined) {
    return;
  }
  requireKnown(scope, 'outputName', outputName);
  if (!service) {
    throw new ConstructError(
      scope,
      `outputName is "${outputName}", but an online endpoint responds with JSON; use the jsonPath of an expectation instead`,
    );
  }
}

function requireReports(scope: Construct, reports: readonly string[]): void {
  requireKnown(scope, 'reports', reports);
  const wrong = reports.find((file) => reportFormatOf(file) === undefined);
  if (wrong !== undefined) {
    throw new ConstructError(
      scope,
      `reports contains "${wrong}", which has an unsupported extension; use one of ${reportExtensions.join(', ')}`,
    );
  }
}

/** One label per line. */
function stageLabels(scope: Construct, labels: string[]): string {
  requireKnown(scope, 'labels', labels);
  const broken = labels.findIndex((label) => /[\r\n]/.test(label));
  if (broken >= 0) {
    throw new ConstructError(scope, `labels[${broken}] contains a line break; write it on one line`);
  }
  return stagedAsset(scope, 'Labels', 'labels.txt', Buffer.from(`${labels.join('\n')}\n`)).path;
}

function knownFile(scope: Construct, file: string): string {
  requireKnown(scope, 'baseline.file', file);
  return file;
}

function hashOf(scope: Construct, file: string): string {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new ConstructError(
      scope,
      `the baseline ${file} does not exist; record it with "cdktf-brainwave smoke-test --update-baseline" and commit it`,
    );
  }
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function inProject(file: string): string {
  return !Token.isUnresolved(file) && path.isAbsolute(file) ? projectPath(file) : file;
}

function podsInput(
  access: PodsAccess,
  { candidate, job }: { readonly candidate: boolean; readonly job?: string | undefined },
): StepInput<'smoke-test'>['pods'] {
  const { kubeconfigFile, kubeconfigContext, namespace, revision, port } = access;
  return {
    kubeconfig: { file: kubeconfigFile, context: kubeconfigContext },
    namespace,
    revision,
    port,
    candidate,
    job:
      job === undefined
        ? undefined
        : { name: job, image: access.image, imagePullSecrets: access.imagePullSecrets ?? [] },
  };
}

/** The value with a placeholder for each part that Terraform resolves at apply. */
function knownAtSynth(value: unknown): unknown {
  if (Token.isUnresolved(value)) {
    return UNRESOLVED;
  }
  if (Array.isArray(value)) {
    return value.map(knownAtSynth);
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, knownAtSynth(each)]))
    : value;
}
