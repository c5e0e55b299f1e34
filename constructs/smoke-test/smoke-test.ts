import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { Lazy, Token, dependable } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';

import { FolderLayout } from '../../lib/contract/folder-layout';
import type { StepInput } from '../../lib/contract/steps';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { reportExtensions, reportFormatOf } from '../../lib/smoke-test/reports/report-format';
import { propertyNames, UNRESOLVED } from '../../lib/smoke-test/option-types';
import { parseTest, type SmokeTestInput } from '../../lib/smoke-test/parse-options';
import type {
  LatencyBudget,
  SmokeTestBaseline,
  SmokeTestExpectation,
  WarmCalls,
} from '../../lib/smoke-test/smoke-test-options';
import { nameFromPath } from '../azure/derived-name';
import type { IOnlineEndpoint } from '../online-endpoint/online-endpoint-reference';
import { dependablesFor } from '../terraform/dependables';
import { lazyJsonTemplate } from '../terraform/json-template';
import { projectPath, stagedAsset } from '../terraform/project-files';
import { createStep, secretsStep } from '../terraform/provisioner-step';
import { TerraformData } from '../terraform/terraform-data';
import { ConstructError, requireKnownProps, withConstructPath } from '../validation/construct-error';
import { requireKnown } from '../validation/synth-value';
import { addWarning } from '../validation/warning';
import type { IWebservice, PodsAccess } from '../webservice/webservice';
import type { Sample } from './sample';
import { endpointSubject, webserviceSubject, type SmokeTestSubject } from './smoke-test-subject';

/** Where a smoke test runs. */
export enum SmokeTestRunner {
  /** On the machine that runs Terraform, as most callers would call. */
  TERRAFORM = 'terraform',
  /** In the Kubernetes cluster of the service, as a Job with the service's image. */
  CLUSTER = 'cluster',
}

/** Properties that all smoke tests have in common. */
export interface BaseSmokeTestProps {
  /**
   * Expected answer for samples without their own expectation.
   * @default - any answer: probabilities for an image, JSON for a request
   */
  readonly expect?: SmokeTestExpectation | undefined;
  /**
   * Names of the classes of a web service's model, class 0 first.
   * @default - the labels of the model
   */
  readonly labels?: string[] | undefined;
  /**
   * Output of a web service's model to check, for models with several outputs.
   * @default - the only output
   */
  readonly outputName?: string | undefined;
  /**
   * Recorded answers to compare with. The path is relative to the working directory.
   * @default - answers are not compared with recorded ones
   */
  readonly baseline?: SmokeTestBaseline | undefined;
  /**
   * Calls after the first one.
   * @default - 5 calls, one after the other
   */
  readonly warmCalls?: WarmCalls | undefined;
  /**
   * Limits for the latency and the throughput of the warm calls.
   * @default - latency is reported, not checked
   */
  readonly latencyBudget?: LatencyBudget | undefined;
  /**
   * Minimum number of days until the certificate expires.
   * @default 0
   */
  readonly minimumDaysToExpiry?: number | undefined;
  /**
   * Name servers that must know the host's DNS record, in addition to the system's resolver: `1.1.1.1`.
   * @default - none
   */
  readonly resolvers?: string[] | undefined;
  /**
   * Seconds to wait until the service is ready, including its DNS record and its certificate.
   * @default - 300, or the longest time that a rollout to all machines takes
   */
  readonly readyTimeoutSeconds?: number | undefined;
  /**
   * Time limit of a call, in seconds.
   * @default 30 for web services; 120 for online endpoints
   */
  readonly callTimeoutSeconds?: number | undefined;
  /**
   * File of the JSON report, relative to the project's folder. Missing folders are created.
   * @default '.cdktf-brainwave/reports/<name>.json'
   */
  readonly reportFile?: string | undefined;
  /**
   * Where the test runs. In the cluster for a service that the machine with Terraform does not reach; the API server of the
   * cluster must be reachable.
   * @default SmokeTestRunner.CLUSTER if the service runs on Kubernetes and its address is private, else SmokeTestRunner.TERRAFORM
   */
  readonly runner?: SmokeTestRunner | undefined;
  /**
   * Files of other reports, relative to the project's folder. The extension determines the format: `.xml` for JUnit,
   * `.html` for people, `.prom` for Prometheus' textfile collector.
   * @default - none
   */
  readonly reports?: string[] | undefined;
}

/** Names in nested objects are checked with their values. @internal */
export const BASE_SMOKE_TEST_PROPS: KnownKeys<BaseSmokeTestProps> = {
  expect: true,
  labels: true,
  outputName: true,
  baseline: true,
  warmCalls: true,
  latencyBudget: true,
  minimumDaysToExpiry: true,
  resolvers: true,
  readyTimeoutSeconds: true,
  callTimeoutSeconds: true,
  reportFile: true,
  runner: true,
  reports: true,
};

/** Properties of {@link SmokeTest}. */
export interface SmokeTestProps extends BaseSmokeTestProps {
  /**
   * Web service to test over gRPC. Mutually exclusive with `endpoint`.
   * @default - `endpoint` is tested
   */
  readonly service?: IWebservice | undefined;
  /**
   * Online endpoint to test over HTTP. Mutually exclusive with `service`.
   * @default - `service` is tested
   */
  readonly endpoint?: IOnlineEndpoint | undefined;
  /** What to send, at least one: images to a web service, requests or data to an online endpoint. */
  readonly samples: Sample[];
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

const SMOKE_TEST_SYMBOL = Symbol.for('cdktf-brainwave.SmokeTest');

/**
 * Tests a service after the deployment, and fails the apply if it does not work: scores images of a web service over
 * gRPC, or posts JSON to an online endpoint over HTTP.
 *
 * It runs after the service and everything between the service and its clients. It runs again whenever the model, a
 * sample, the certificate, the keys or the address change. It reads the key from a file at apply, so that Terraform does
 * not hide its progress. If the keys are Terraform values, a step writes that file before the test, and the test removes
 * it.
 */
export class SmokeTest extends Construct {
  /** The `terraform_data` that runs the test. */
  readonly resource: TerraformData;
  /**
   * The `terraform_data` that runs the test with the pods of a new revision, before callers reach them.
   * @default - the service's rollout is not `Rollout.blueGreen()`
   */
  readonly candidate?: TerraformData | undefined;
  /** File of the JSON report, relative to the project's folder. */
  readonly reportFile: string;

  /** Returns whether a construct is a `SmokeTest`, also if another copy of this package declared it. */
  static isSmokeTest(construct: IConstruct): construct is SmokeTest {
    return SMOKE_TEST_SYMBOL in construct;
  }

  constructor(scope: Construct, id: string, props: SmokeTestProps) {
    super(scope, id);
    Object.defineProperty(this, SMOKE_TEST_SYMBOL, { value: true });
    // The names in nested objects are checked with their values.
    requireKnownProps(this, props, {
      service: true,
      endpoint: true,
      samples: true,
      ...BASE_SMOKE_TEST_PROPS,
    });
    const { expect, baseline, warmCalls, latencyBudget, minimumDaysToExpiry, resolvers } = props;
    const { callTimeoutSeconds, outputName, reports = [] } = props;
    const subject = this.subjectOf(props);
    const runner = this.runnerOf(props, subject);
    const { keys, revision, rollout, reportsRevision = false } = subject;
    const { readyTimeoutSeconds = rollout?.timeoutSeconds ?? 300 } = props;
    const labels = this.labelsOf(props, subject);
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
      baseline: baseline && { ...baseline, file: this.knownFile(baseline.file) },
    };
    const labelsFile = labels && this.stageLabels(labels);
    this.requireSamples(props);
    this.requireOutput(props);
    this.requireReports(reports);
    const samples = props.samples.map((sample, index) => ({
      path: sample.bind(this, index === 0 ? 'Sample' : `Sample${index + 1}`),
      expect: sample.expect,
    }));
    withConstructPath(this, () => {
      const { protocol, plaintext } = subject;
      parseTest(knownAtSynth({ ...settings, samples, labels }), { protocol, plaintext }, propertyNames);
    });
    const name = nameFromPath(this);
    this.reportFile = this.inProject(props.reportFile ?? new FolderLayout().report(name));
    const baselineHash = baseline && this.hashOf(baseline.file);
    const test = (target: SmokeTestInput['target'], keyFile: string | undefined): SmokeTestInput => ({
      target: target && { ...target, keyFile, ...(outputName !== undefined && { outputName }) },
      samples,
      labelsFile,
      ...settings,
      baseline: baseline && { ...baseline, file: projectPath(baseline.file) },
    });
    const { pods } = subject;
    const inCluster = runner === SmokeTestRunner.CLUSTER;
    if (inCluster && !pods) {
      throw new ConstructError(
        this,
        'runner is SmokeTestRunner.CLUSTER, but the service does not run on Kubernetes; omit runner',
      );
    }
    const declare = (id: string, step: string, { target, candidate, report, reports: more }: RunProps) => {
      const access = candidate || inCluster ? pods?.access(step) : undefined;
      const kubeconfig = access?.kubeconfig;
      const writesSecrets = keys !== undefined || kubeconfig !== undefined;
      const keyFile = keys ? new FolderLayout().stepKeyFile(step) : subject.keyFile;
      // Records of the service may be declared after its test.
      const specification = lazyJsonTemplate((): StepInput<'smoke-test'> => ({
        test: test(target(access), keyFile),
        reportFile: report,
        reports: more && more.length > 0 ? more : undefined,
        temporarySecrets: writesSecrets ? step : undefined,
        pods: access && podsInput(access, { candidate, job: inCluster ? step : undefined }),
      }));
      return new TerraformData(this, id, {
        triggersReplace: { service: revision, specification, baseline: baselineHash },
        // Two provisioners of one resource: if the test failed and runs again, its secrets are written again, too.
        provisioners: [
          ...(writesSecrets ? [secretsStep(step, { keys, kubeconfig })] : []),
          createStep('smoke-test', specification),
        ],
      });
    };
    if (pods && subject.testsBeforeTraffic) {
      this.candidate = declare('Candidate', `${name}-candidate`, {
        // The step replaces the address by the one at which it reaches the pods.
        target: (access) => access && subject.targetAt?.('127.0.0.1', access.port),
        candidate: true,
        report: this.reportFile.replace(/(\.json)?$/, '.candidate.json'),
      });
      this.candidate.dependsOn = dependablesFor(this, pods.dependables).map((each) => dependable(each));
      pods.addTest(this.candidate);
    }
    this.resource = declare('Run', name, {
      target: () =>
        inCluster && pods ? subject.targetAt?.(pods.clusterAddress, pods.clusterPort) : subject.target(),
      candidate: false,
      report: this.reportFile,
      reports: reports.map((file) => this.inProject(file)),
    });
    this.node.defaultChild = this.resource;
    this.resource.dependsOn = Lazy.listValue({
      produce: () => dependablesFor(this, subject.dependables()).map((each) => dependable(each)),
    });
  }

  private subjectOf({ service, endpoint }: SmokeTestProps): SmokeTestSubject {
    if (service && endpoint) {
      throw new ConstructError(
        this,
        'service and endpoint are both set; declare a separate smoke test for each',
      );
    }
    if (service) {
      return webserviceSubject(this, service);
    }
    if (endpoint) {
      return endpointSubject(endpoint);
    }
    throw new ConstructError(this, 'neither service nor endpoint is set; set the one to test');
  }

  private runnerOf(
    { runner }: SmokeTestProps,
    { pods, isPrivate = false }: SmokeTestSubject,
  ): SmokeTestRunner {
    if (runner === SmokeTestRunner.TERRAFORM && pods && isPrivate) {
      addWarning(
        this,
        'runner is SmokeTestRunner.TERRAFORM, but the address of the service is private, so the test fails unless the machine ' +
          'that runs Terraform has a route to it; omit runner to test in the cluster',
      );
    }
    return runner ?? (pods && isPrivate ? SmokeTestRunner.CLUSTER : SmokeTestRunner.TERRAFORM);
  }

  private labelsOf({ service, labels }: SmokeTestProps, subject: SmokeTestSubject): string[] | undefined {
    if (!service && labels) {
      throw new ConstructError(this, 'labels apply only to web services; remove them');
    }
    return service ? (labels ?? subject.labels) : undefined;
  }

  private requireSamples({ samples, endpoint, service }: SmokeTestProps): void {
    // Without a type checker they may be missing, or paths.
    const given: unknown = samples;
    if (!Array.isArray(given)) {
      throw new ConstructError(this, "samples is missing; set samples: [Sample.image('…')]");
    }
    const wrong = samples.findIndex(({ isRequest }) => isRequest !== (endpoint !== undefined));
    if (wrong >= 0) {
      throw new ConstructError(
        this,
        endpoint
          ? `samples[${wrong}] is not a request; use Sample.request(…) or Sample.data(…) for an online endpoint`
          : `samples[${wrong}] is not an image; use Sample.image(…) for a web service`,
      );
    }
    const stages = service?.model?.serviceDefinition?._content.definition.pipeline;
    if (stages && !stages.some(({ type }) => type === 'image')) {
      throw new ConstructError(
        this,
        'the samples are images, but the model has no image stage to decode them; put Stage.image() before its first stage',
      );
    }
  }

  private requireOutput({ outputName, endpoint }: SmokeTestProps): void {
    if (outputName === undefined) {
      return;
    }
    requireKnown(this, 'outputName', outputName);
    if (endpoint) {
      throw new ConstructError(
        this,
        `outputName is "${outputName}", but an online endpoint responds with JSON; use the jsonPath of an expectation instead`,
      );
    }
  }

  private requireReports(reports: readonly string[]): void {
    requireKnown(this, 'reports', reports);
    const wrong = reports.find((file) => reportFormatOf(file) === undefined);
    if (wrong !== undefined) {
      throw new ConstructError(
        this,
        `reports contains "${wrong}", which has an unsupported extension; use one of ${reportExtensions.join(', ')}`,
      );
    }
  }

  /** One label per line. */
  private stageLabels(labels: string[]): string {
    requireKnown(this, 'labels', labels);
    const broken = labels.findIndex((label) => /[\r\n]/.test(label));
    if (broken >= 0) {
      throw new ConstructError(this, `labels[${broken}] contains a line break; write it on one line`);
    }
    return stagedAsset(this, 'Labels', 'labels.txt', Buffer.from(`${labels.join('\n')}\n`)).path;
  }

  private knownFile(file: string): string {
    requireKnown(this, 'baseline.file', file);
    return file;
  }

  private hashOf(file: string): string {
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
      throw new ConstructError(
        this,
        `the baseline ${file} does not exist; record it with "cdktf-brainwave smoke-test --update-baseline" and commit it`,
      );
    }
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  }

  private inProject(file: string): string {
    return !Token.isUnresolved(file) && path.isAbsolute(file) ? projectPath(file) : file;
  }
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
