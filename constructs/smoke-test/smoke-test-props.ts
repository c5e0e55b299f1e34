import type { KnownKeys } from '../../lib/validation/known-keys';
import type {
  LatencyBudget,
  SmokeTestBaseline,
  SmokeTestExpectation,
  WarmCalls,
} from '../../lib/smoke-test/smoke-test-options';
import type { OnlineDeployment } from '../online-endpoint/online-deployment';
import type { IOnlineEndpoint } from '../online-endpoint/online-endpoint-reference';
import type { IWebservice } from '../webservice/webservice';
import type { Sample } from './sample';

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

/** Properties of `SmokeTest`. */
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
  /**
   * Deployment of an online endpoint to test over HTTP, whatever share of the requests it gets. `EndpointTraffic` waits for the test
   * before the deployment gets a share. Mutually exclusive with `service` and `endpoint`.
   * @default - `service` or `endpoint` is tested
   */
  readonly deployment?: OnlineDeployment | undefined;
  /** What to send, at least one: images to a web service, requests or data to an online endpoint. */
  readonly samples: Sample[];
}
