import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { Lazy, Token, dependable } from 'cdktf';
import { Construct } from 'constructs';

import { FolderLayout } from '../../lib/contract/folder-layout';
import type { StepInput } from '../../lib/contract/steps';
import { numberAbove, numberFrom, wholeNumber } from '../../lib/validation/number-range';
import { reportExtensions, reportFormatOf } from '../../lib/smoke-test/reports/report-format';
import { nameFromPath } from '../azure/derived-name';
import { projectPath } from '../terraform/project-files';
import { ConstructError } from '../validation/construct-error';
import type { IOnlineEndpoint } from '../online-endpoint/online-endpoint-reference';
import { dependablesFor } from '../terraform/dependables';
import { lazyJsonTemplate } from '../terraform/json-template';
import { createStep, keysStep } from '../terraform/provisioner-step';
import { requireKnown, requireNumber } from '../validation/synth-value';
import { TerraformData } from '../terraform/terraform-data';
import type { IWebservice } from '../webservice/webservice';
import {
  expectationOf,
  requireAnswerExpectation,
  requireImageExpectation,
  type SmokeTestExpectation,
} from './smoke-test-expectation';
import {
  stageImages,
  stageLabels,
  stageRequest,
  type SmokeTestImage,
  type StagedSample,
} from './smoke-test-samples';
import { endpointSubject, webserviceSubject, type SmokeTestSubject } from './smoke-test-subject';

/** The calls of a smoke test after the first one. */
export interface SmokeTestWarmCalls {
  /**
   * How many.
   * @default 5
   */
  readonly count?: number | undefined;
  /**
   * Seconds to go on calling.
   * @default - until `count` calls are answered
   */
  readonly durationSeconds?: number | undefined;
  /**
   * Calls in flight at once.
   * @default 1
   */
  readonly concurrency?: number | undefined;
  /**
   * Calls before them whose latency does not count, besides the first one.
   * @default 0
   */
  readonly warmUp?: number | undefined;
}

/** What the calls after the first one must keep. */
export interface SmokeTestLatencyBudget {
  /**
   * Milliseconds that half of the calls must not exceed.
   * @default - not checked
   */
  readonly p50Ms?: number | undefined;
  /**
   * Milliseconds that 95 % of the calls must not exceed.
   * @default - not checked
   */
  readonly p95Ms?: number | undefined;
  /**
   * Milliseconds that 99 % of the calls must not exceed.
   * @default - not checked
   */
  readonly p99Ms?: number | undefined;
  /**
   * Requests a second that must be reached.
   * @default - not checked
   */
  readonly minimumRequestsPerSecond?: number | undefined;
}

/** Earlier answers that the answers are compared with. */
export interface SmokeTestBaseline {
  /**
   * The file with the earlier answers, relative to the working directory. `cdktf-brainwave smoke-test
   * --update-baseline` writes it.
   */
  readonly file: string;
  /**
   * How far a probability, or a number of a JSON answer, may be from the baseline's.
   * @default 0.02
   */
  readonly tolerance?: number | undefined;
}

/** With which images a web service is tested, and what is expected of any service. */
export interface SmokeTestOptions {
  /**
   * For a web service: the image to score, relative to the working directory.
   * @default - `images` are scored
   */
  readonly image?: string | undefined;
  /**
   * For a web service: the images to score.
   * @default - `image` alone
   */
  readonly images?: SmokeTestImage[] | undefined;
  /** @default - there must be an answer, whatever it says: probabilities, or JSON */
  readonly expect?: SmokeTestExpectation | undefined;
  /**
   * For a web service: the classes' names, class 0 first.
   * @default - the model's
   */
  readonly labels?: string[] | undefined;
  /** @default - answers are not compared with earlier ones */
  readonly baseline?: SmokeTestBaseline | undefined;
  /** @default - 5 calls, one after the other */
  readonly warmCalls?: SmokeTestWarmCalls | undefined;
  /** @default - latency is told, not judged */
  readonly latencyBudget?: SmokeTestLatencyBudget | undefined;
  /**
   * Days that the certificate must still be valid for.
   * @default - it must be valid now
   */
  readonly minimumDaysToExpiry?: number | undefined;
  /**
   * Name servers that must know the host's record beside the system's resolver, such as `1.1.1.1`.
   * @default - none
   */
  readonly resolvers?: string[] | undefined;
  /**
   * How long to wait until the service is ready, its DNS record included.
   * @default 300, or as long as a change may take to reach all machines
   */
  readonly readyTimeoutSeconds?: number | undefined;
  /**
   * The JSON report's file, relative to the project's folder; the folders above it are made.
   * @default '.cdktf-brainwave/reports/<name>.json'
   */
  readonly reportFile?: string | undefined;
  /**
   * Files of further reports, relative to the project's folder, each in the format that its ending says: `.xml` for
   * JUnit, `.html` for people, `.prom` for Prometheus' textfile collector.
   * @default - none
   */
  readonly reports?: string[] | undefined;
}

/** What is tested, with what, and what is expected. */
export interface SmokeTestProps extends SmokeTestOptions {
  /**
   * The web service to test, over gRPC.
   * @default - `endpoint` is tested
   */
  readonly service?: IWebservice | undefined;
  /**
   * The online endpoint to test, over HTTP.
   * @default - `service` is tested
   */
  readonly endpoint?: IOnlineEndpoint | undefined;
  /**
   * For an online endpoint: the file with the JSON to post, relative to the working directory.
   * @default - `data` is posted
   */
  readonly request?: string | undefined;
  /**
   * For an online endpoint: rows to post as `{"data": [[…]]}`.
   * @default - `request` is posted
   */
  readonly data?: number[][] | undefined;
}

/**
 * Scores samples after the deployment and fails the apply when the service is wrong: images, with a web service over
 * gRPC, or JSON, with an online endpoint over HTTP.
 *
 * It runs after the service and whatever stands between it and its clients, and again whenever the model, a
 * sample, the certificate, the keys or the address has changed. Its key is read from a file at apply, so that
 * Terraform does not hide its progress; where the keys are Terraform values, a step before it writes that file and
 * the test removes it.
 */
export class SmokeTest extends Construct {
  /** The `terraform_data` that runs the test. */
  readonly resource: TerraformData;
  /** The JSON report's file, relative to the project's folder. */
  readonly reportFile: string;

  constructor(scope: Construct, id: string, props: SmokeTestProps) {
    super(scope, id);
    const { expect = {}, baseline } = props;
    const subject = this.subjectOf(props);
    const { readyTimeoutSeconds = subject.rollout?.timeoutSeconds ?? 300 } = props;
    this.requireNumbers({ ...props, readyTimeoutSeconds });
    const name = nameFromPath(this);
    const layout = new FolderLayout();
    this.reportFile = this.inProject(props.reportFile ?? layout.report(name));
    const { samples, labelsFile } = this.stage(props, subject);
    const { keys, rollout } = subject;
    // Two provisioners of one resource: when the test has failed and runs again, its keys are written again, too.
    const writesKeys = keys && keysStep('write-smoke-test-keys', { name }, keys);
    const keyFile = writesKeys ? layout.smokeTestKeyFile(name) : subject.keyFile;
    const test: Omit<StepInput<'smoke-test'>['test'], 'target'> = {
      samples,
      ...(labelsFile !== undefined && { labelsFile }),
      expect: expectationOf(expect),
      readyTimeoutSeconds,
      ...(rollout && { rollout: { modelVersion: rollout.modelVersion, connections: rollout.connections } }),
      ...(props.minimumDaysToExpiry !== undefined && { minimumDaysToExpiry: props.minimumDaysToExpiry }),
      ...(props.warmCalls && { warm: { ...props.warmCalls } }),
      ...(props.latencyBudget && { budget: { ...props.latencyBudget } }),
      ...(baseline && {
        baseline: {
          file: projectPath(baseline.file),
          ...(baseline.tolerance !== undefined && { tolerance: baseline.tolerance }),
        },
      }),
    };
    const { resolvers, reports = [] } = props;
    this.requireReports(reports);
    // Records of the service may be declared after its test.
    const specification = lazyJsonTemplate((): StepInput<'smoke-test'> => ({
      test: { target: { ...subject.target(), resolvers, keyFile }, ...test },
      reportFile: this.reportFile,
      reports: reports.length > 0 ? reports.map((file) => this.inProject(file)) : undefined,
      temporaryKeys: writesKeys && name,
    }));
    this.resource = new TerraformData(this, 'Run', {
      triggersReplace: {
        service: subject.revision,
        specification,
        ...(baseline && { baseline: this.hashOf(baseline.file) }),
      },
      provisioners: [...(writesKeys ? [writesKeys] : []), createStep('smoke-test', specification)],
    });
    this.resource.dependsOn = Lazy.listValue({
      produce: () => dependablesFor(this, subject.dependables()).map((each) => dependable(each)),
    });
  }

  private subjectOf({ service, endpoint }: SmokeTestProps): SmokeTestSubject {
    if (service && endpoint) {
      throw new ConstructError(this, 'got both service and endpoint; give each a smoke test of its own');
    }
    if (service) {
      return webserviceSubject(this, service);
    }
    if (endpoint) {
      return endpointSubject(endpoint);
    }
    throw new ConstructError(
      this,
      'got neither service nor endpoint; give the web service, or the online endpoint, that is to be tested',
    );
  }

  private stage(
    props: SmokeTestProps,
    subject: SmokeTestSubject,
  ): { samples: StagedSample[]; labelsFile?: string | undefined } {
    const { service, image, images, request, data, expect = {} } = props;
    if (!service) {
      this.refuse({ image, images, labels: props.labels }, 'an online endpoint takes request or data');
      requireAnswerExpectation(this, expect);
      return { samples: [stageRequest(this, { request, data })] };
    }
    this.refuse({ request, data }, 'a web service takes image or images');
    if (props.minimumDaysToExpiry !== undefined && service.endpoint.hostname === undefined) {
      throw new ConstructError(
        this,
        `minimumDaysToExpiry is ${props.minimumDaysToExpiry}, but the web service has no certificate; ` +
          'give it ssl, or leave out minimumDaysToExpiry',
      );
    }
    const labels = props.labels ?? subject.labels;
    const labelsFile = labels && stageLabels(this, labels);
    requireImageExpectation(this, expect, labels);
    if ((image === undefined) === (images === undefined || images.length === 0)) {
      throw new ConstructError(
        this,
        `got ${image === undefined ? 'no image' : 'both image and images'}; set image, or images with one at least`,
      );
    }
    return {
      samples: stageImages(this, image === undefined ? (images ?? []) : [{ image }], labels),
      ...(labelsFile !== undefined && { labelsFile }),
    };
  }

  private refuse(props: Record<string, unknown>, instead: string): void {
    const wrong = Object.keys(props).find((name) => props[name] !== undefined);
    if (wrong !== undefined) {
      throw new ConstructError(this, `${wrong} is given, but ${instead}; remove it`);
    }
  }

  private requireNumbers({
    readyTimeoutSeconds,
    minimumDaysToExpiry,
    warmCalls = {},
    latencyBudget = {},
    baseline,
  }: SmokeTestOptions): void {
    const above = (least: number) => (value: number) => value > least;
    const wholeFrom = (least: number) => (value: number) => Number.isInteger(value) && value >= least;
    requireNumber(this, 'readyTimeoutSeconds', readyTimeoutSeconds, numberAbove(0));
    requireNumber(this, 'minimumDaysToExpiry', minimumDaysToExpiry, numberFrom(0));
    requireNumber(this, 'warmCalls.count', warmCalls.count, wholeNumber(0));
    requireNumber(this, 'warmCalls.warmUp', warmCalls.warmUp, wholeNumber(0));
    requireNumber(this, 'warmCalls.concurrency', warmCalls.concurrency, wholeNumber(1));
    requireNumber(this, 'warmCalls.durationSeconds', warmCalls.durationSeconds, numberAbove(0));
    for (const [figure, value] of Object.entries(latencyBudget) as [string, number | undefined][]) {
      requireNumber(this, `latencyBudget.${figure}`, value, numberAbove(0));
    }
    requireNumber(this, 'baseline.tolerance', baseline?.tolerance, numberFrom(0));
  }

  private requireReports(reports: readonly string[]): void {
    requireKnown(this, 'reports', reports);
    const wrong = reports.find((file) => reportFormatOf(file) === undefined);
    if (wrong !== undefined) {
      throw new ConstructError(
        this,
        `reports has "${wrong}", whose ending says no format; expected one of ${reportExtensions.join(', ')}`,
      );
    }
  }

  private hashOf(file: string): string {
    requireKnown(this, 'baseline.file', file);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
      throw new ConstructError(
        this,
        `there is no baseline ${file}; record one with "cdktf-brainwave smoke-test --update-baseline", and commit it`,
      );
    }
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  }

  private inProject(file: string): string {
    return !Token.isUnresolved(file) && path.isAbsolute(file) ? projectPath(file) : file;
  }
}
