import { Construct, type IConstruct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import type { TerraformData } from '../terraform/terraform-data';
import { requireKnownProps } from '../validation/construct-error';
import { declareSmokeTest } from './declare-smoke-test';
import { BASE_SMOKE_TEST_PROPS, type SmokeTestProps } from './smoke-test-props';

/** The names in nested objects are checked with their values. */
const SMOKE_TEST_PROPS: KnownKeys<SmokeTestProps> = {
  service: true,
  endpoint: true,
  deployment: true,
  samples: true,
  ...BASE_SMOKE_TEST_PROPS,
};

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
    requireKnownProps(this, props, SMOKE_TEST_PROPS);
    const { resource, candidate, reportFile } = declareSmokeTest(this, props);
    this.resource = resource;
    this.candidate = candidate;
    this.reportFile = reportFile;
    this.node.defaultChild = resource;
  }
}
