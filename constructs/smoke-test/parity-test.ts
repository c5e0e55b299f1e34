import { Construct } from 'constructs';

import type { SmokeTestExpectation } from '../../lib/smoke-test/smoke-test-options';
import { numberFrom, wholeNumber } from '../../lib/validation/number-range';
import type { TerraformData } from '../terraform/terraform-data';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireNumber } from '../validation/synth-value';
import type { IWebservice } from '../webservice/webservice';
import { declareSmokeTest } from './declare-smoke-test';
import type { Sample } from './sample';

/** Properties of {@link ParityTest}. */
export interface ParityTestProps {
  /** Web service to test, such as the one on GPUs or with the new model. */
  readonly service: IWebservice;
  /** Web service whose answers are right, such as the one on CPUs or with the former model. */
  readonly reference: IWebservice;
  /** Images to send to both, at least one. */
  readonly samples: Sample[];
  /**
   * Largest accepted difference between a probability and the one of the reference.
   * @default 0.02
   */
  readonly tolerance?: number | undefined;
  /**
   * Number of images for which the two services may predict different classes. They must be within the tolerance, too.
   * @default 0
   */
  readonly maximumClassChanges?: number | undefined;
  /**
   * Expected answer of both services to images without their own expectation.
   * @default - any answer
   */
  readonly expect?: SmokeTestExpectation | undefined;
  /**
   * Names of the classes, class 0 first.
   * @default - the labels of the model
   */
  readonly labels?: string[] | undefined;
  /**
   * Output to compare, for models with several outputs.
   * @default - the only output
   */
  readonly outputName?: string | undefined;
  /**
   * Seconds to wait until each service is ready.
   * @default - 300, or the longest time that a rollout to all machines takes
   */
  readonly readyTimeoutSeconds?: number | undefined;
  /**
   * Time limit of a call, in seconds.
   * @default 30
   */
  readonly callTimeoutSeconds?: number | undefined;
  /**
   * File of the JSON report, relative to the project's folder. Missing folders are created.
   * @default '.cdktf-brainwave/reports/<name>.json'
   */
  readonly reportFile?: string | undefined;
  /**
   * Files of other reports, relative to the project's folder, by extension: `.html` has the images with the classes of both
   * services next to each other, `.xml` is JUnit, `.prom` is for Prometheus' textfile collector.
   * @default - none
   */
  readonly reports?: string[] | undefined;
}

/**
 * Sends the same images to two web services after the deployment, and fails the apply if their answers differ: by more than
 * the tolerance in a probability, or in the predicted class.
 *
 * It runs on the machine that runs Terraform, which must reach both services, and again whenever one of the services, a sample or the tolerance changes. With `Rollout.blueGreen()`, it also runs
 * before callers reach a new revision of `service`.
 */
export class ParityTest extends Construct {
  /** The `terraform_data` that runs the test. */
  readonly resource: TerraformData;
  /**
   * The `terraform_data` that runs the test with the pods of a new revision, before callers reach them.
   * @default - the service's rollout is not `Rollout.blueGreen()`
   */
  readonly candidate?: TerraformData | undefined;
  /** File of the JSON report, relative to the project's folder. */
  readonly reportFile: string;

  constructor(scope: Construct, id: string, props: ParityTestProps) {
    super(scope, id);
    requireKnownProps(this, props, {
      service: true,
      reference: true,
      samples: true,
      tolerance: true,
      maximumClassChanges: true,
      expect: true,
      labels: true,
      outputName: true,
      readyTimeoutSeconds: true,
      callTimeoutSeconds: true,
      reportFile: true,
      reports: true,
    });
    const { reference: service, tolerance, maximumClassChanges, ...test } = props;
    if (service === props.service) {
      throw new ConstructError(
        this,
        `service and reference are both ${service.node.path}; set reference to the service to compare it with`,
      );
    }
    requireNumber(this, 'tolerance', tolerance, numberFrom(0));
    requireNumber(this, 'maximumClassChanges', maximumClassChanges, wholeNumber(0));
    const { resource, candidate, reportFile } = declareSmokeTest(this, {
      ...test,
      // Each image is sent once; latency is not compared.
      warmCalls: { count: 0 },
      reference: { service, tolerance, maximumClassChanges },
    });
    this.resource = resource;
    this.candidate = candidate;
    this.reportFile = reportFile;
    this.node.defaultChild = resource;
  }
}
