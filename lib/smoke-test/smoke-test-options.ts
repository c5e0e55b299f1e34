import path from 'node:path';

import type { OptionNames } from '../validation/option-names';
import type { SmokeTestEvent, SmokeTestProtocol } from './smoke-test-report';

/**
 * Service to test: a web service (gRPC), or an online endpoint (HTTP). Secrets are set as file paths, which are read when
 * the test runs.
 */
export interface SmokeTestTarget {
  /**
   * `grpc`: the protocol of TensorFlow Serving. `rest`: its REST API, for example behind a gateway that does not forward gRPC.
   * `http`: `POST` of JSON, for online endpoints.
   * @default 'grpc'
   */
  readonly protocol?: SmokeTestProtocol | undefined;
  /** Host name or IP address that clients call. */
  readonly host: string;
  /** TCP port. */
  readonly port: number;
  /**
   * Whether to call without TLS. No key is sent then, because anyone on the network path could read it.
   * @default false
   */
  readonly plaintext?: boolean | undefined;
  /**
   * Path to post to, for an online endpoint; path in front of the API, for REST.
   * @default '/score' for an online endpoint, none for REST
   */
  readonly path?: string | undefined;
  /**
   * Host name to check the certificate against.
   * @default - `host`
   */
  readonly serverName?: string | undefined;
  /**
   * IP address to connect to instead of the one in the host's DNS record, to test a service before its record exists.
   * @default - the address that the system's resolver returns
   */
  readonly connectTo?: string | undefined;
  /**
   * IP address that the host's DNS record must contain.
   * @default - any
   */
  readonly expectedAddress?: string | undefined;
  /**
   * File with the service's key: the key alone, or JSON with `primaryKey` and `secondaryKey`.
   * @default - calls are made without a key
   */
  readonly keyFile?: string | undefined;
  /**
   * Key of the service, for callers that have it in memory. Mutually exclusive with `keyFile`.
   * @default - calls are made without a key
   */
  readonly key?: string | undefined;
  /**
   * PEM file with the root certificates to trust.
   * @default - the public root certificates
   */
  readonly rootCertificateFile?: string | undefined;
  /**
   * PEM file with the certificate that was deployed and must be the one that is served.
   * @default - any trusted certificate
   */
  readonly certificateFile?: string | undefined;
  /**
   * PEM file with the client certificate, and its chain, for services that request one.
   * @default - none
   */
  readonly clientCertificateFile?: string | undefined;
  /**
   * PEM file with the private key of the client certificate.
   * @default - none
   */
  readonly clientKeyFile?: string | undefined;
  /**
   * Deployment of an Azure ML online endpoint to call, whatever share of the requests it gets. Over REST or HTTP only.
   * @default - the endpoint chooses one, by their shares
   */
  readonly deployment?: string | undefined;
  /**
   * Model to call. Web services only.
   * @default - the service's only model
   */
  readonly modelName?: string | undefined;
  /**
   * Registered version of the model that must be served. Web services only.
   * @default - any
   */
  readonly modelVersion?: string | undefined;
  /**
   * Output of the model to check, for models with several. Web services only.
   * @default - the only output
   */
  readonly outputName?: string | undefined;
}

/** Options of a target with the paths of certificates and keys for TLS. */
export const TLS_FILES = [
  'certificateFile',
  'rootCertificateFile',
  'clientCertificateFile',
  'clientKeyFile',
] as const satisfies readonly (keyof SmokeTestTarget)[];

/**
 * Expected answer. `label`, `classIndex`, `top` and `minimumProbability` apply to the classes of an image; `shape`,
 * `minimumValue` and `maximumValue` to an output of another kind, such as boxes; `jsonPath`, `equalTo` and `argmax` to the
 * JSON answers of online endpoints.
 */
export interface SmokeTestExpectation {
  /**
   * Name of the class that must be predicted.
   * @default - not checked
   */
  readonly label?: string | undefined;
  /**
   * Index of the class that must be predicted, from 0.
   * @default - not checked
   */
  readonly classIndex?: number | undefined;
  /**
   * Lowest rank that is accepted for that class: with 5, it must be among the five most probable classes.
   * @default 1
   */
  readonly top?: number | undefined;
  /**
   * Lowest probability that is accepted for that class, or for the most probable class if none is named: 0 to 1.
   * @default - not checked
   */
  readonly minimumProbability?: number | undefined;
  /**
   * Shape of the output for one image, without the batch: `[37, 37, 4, 21]`. `outputName` selects one of several outputs.
   * @default - not checked
   */
  readonly shape?: number[] | undefined;
  /**
   * Lowest number that the output may contain.
   * @default - any finite number
   */
  readonly minimumValue?: number | undefined;
  /**
   * Greatest number that the output may contain.
   * @default - any finite number
   */
  readonly maximumValue?: number | undefined;
  /**
   * JSONPath (RFC 9535) of the value to check, which must select exactly one.
   * @default '$', the whole answer
   */
  readonly jsonPath?: string | undefined;
  /**
   * JSON value that it must equal.
   * @default - not checked
   */
  readonly equalTo?: unknown;
  /**
   * Index of the greatest number in it, from 0: the class, in an answer with one number per class.
   * @default - not checked
   */
  readonly argmax?: number | undefined;
}

/** File to send, and the expected answer to it. */
export interface SmokeTestSample {
  /** Image file for a web service; file with the JSON to post for an online endpoint. */
  readonly path: string;
  /**
   * Expected answer to this sample.
   * @default - `expect` of the test
   */
  readonly expect?: SmokeTestExpectation | undefined;
}

/** Name of a sample in reports and in a baseline: its file name. */
export function sampleName(file: string): string {
  return path.basename(file);
}

/** Calls after the first one. Their latency is measured. */
export interface WarmCalls {
  /**
   * Number of calls. Ignored if `durationSeconds` is set.
   * @default 5
   */
  readonly count?: number | undefined;
  /**
   * Seconds during which to call.
   * @default - `count` calls
   */
  readonly durationSeconds?: number | undefined;
  /**
   * Number of calls in flight.
   * @default 1
   */
  readonly concurrency?: number | undefined;
  /**
   * Number of calls to make before the measured calls.
   * @default 0
   */
  readonly warmUp?: number | undefined;
}

/** Limits for the latency and the throughput of the warm calls. */
export interface LatencyBudget {
  /**
   * Highest median latency, in milliseconds.
   * @default - not checked
   */
  readonly p50Ms?: number | undefined;
  /**
   * Highest 95th percentile of the latency, in milliseconds.
   * @default - not checked
   */
  readonly p95Ms?: number | undefined;
  /**
   * Highest 99th percentile of the latency, in milliseconds.
   * @default - not checked
   */
  readonly p99Ms?: number | undefined;
  /**
   * Lowest throughput, in requests per second.
   * @default - not checked
   */
  readonly minimumRequestsPerSecond?: number | undefined;
}

/** Recorded answers to compare with. Detects a model that still predicts the right class, but with lower probability. */
export interface SmokeTestBaseline {
  /** JSON file with the recorded answers, written by `cdktf-brainwave smoke-test --update-baseline`. Commit it. */
  readonly file: string;
  /**
   * Largest accepted difference between a probability, or a number of a JSON answer, and the recorded one.
   * @default 0.02
   */
  readonly tolerance?: number | undefined;
}

/** Another service to compare with: on another kind of hardware, or with a former model. */
export interface SmokeTestReference {
  /** Service that gets the same samples. */
  readonly target: SmokeTestTarget;
  /**
   * Largest accepted difference between a probability, or a number of an answer, and the one of the other service.
   * @default 0.02
   */
  readonly tolerance?: number | undefined;
  /**
   * Number of samples for which the two services may predict different classes. They must be within the tolerance, too.
   * @default 0
   */
  readonly maximumClassChanges?: number | undefined;
}

/** Rollout that may still be in progress when the test starts: replicas are updated one by one. */
export interface Rollout {
  /** Number of consecutive connections that must reach the revision. The load balancer selects a replica for each. */
  readonly connections: number;
  /**
   * Command that shows the progress of the rollout, for the error message.
   * @default - none
   */
  readonly inspect?: string | undefined;
}

/** Options of a smoke test that are the same in code, in a file, in a stack and as flags. */
export interface SmokeTestSettings {
  /**
   * Expected answer for samples without their own expectation.
   * @default - any answer: probabilities for an image, JSON for a request
   */
  readonly expect?: SmokeTestExpectation | undefined;
  /**
   * Name servers that must know the host's DNS record, in addition to the system's resolver: `1.1.1.1` or
   * `[2606:4700:4700::1111]:53`.
   * @default - none
   */
  readonly resolvers?: readonly string[] | undefined;
  /**
   * Seconds to wait until the service is ready, including its DNS record and its certificate.
   * @default 300
   */
  readonly readyTimeoutSeconds?: number | undefined;
  /**
   * Time limit of a call, in seconds.
   * @default 30 for web services; 120 for online endpoints, longer than Azure's router waits for a deployment
   */
  readonly callTimeoutSeconds?: number | undefined;
  /**
   * Revision of the deployment that must be served, as the service reports it. Web services only.
   * @default - any revision
   */
  readonly revision?: string | undefined;
  /**
   * Rollout of the revision to wait for. Web services only.
   * @default - does not wait for a rollout
   */
  readonly rollout?: Rollout | undefined;
  /**
   * Minimum number of days until the certificate expires.
   * @default 0
   */
  readonly minimumDaysToExpiry?: number | undefined;
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
   * Recorded answers to compare with.
   * @default - answers are not compared with recorded ones
   */
  readonly baseline?: SmokeTestBaseline | undefined;
  /**
   * Another service whose answers to the same samples must be the same.
   * @default - answers are not compared with those of another service
   */
  readonly reference?: SmokeTestReference | undefined;
  /**
   * Whether to record the answers in `baseline.file`, if they are as expected, instead of comparing them.
   * @default false
   */
  readonly updateBaseline?: boolean | undefined;
}

/** Options of {@link runSmokeTest}. */
export interface SmokeTestOptions extends SmokeTestSettings {
  readonly target: SmokeTestTarget;
  /** At least one. */
  readonly samples: readonly SmokeTestSample[];
  /**
   * Names of the classes, class 0 first.
   * @default - classes are identified by index
   */
  readonly labels?: readonly string[] | undefined;
  /**
   * Ends the test early. The report then has exit code 130.
   * @default - the test runs to its end
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Called with each event as it happens.
   * @default - events are not reported
   */
  readonly onEvent?: ((event: SmokeTestEvent) => void) | undefined;
  /**
   * Converts the path of an option, such as `target.serverName`, to the name under which users of your program set it, such as a
   * flag. Messages use it.
   * @default - the path
   */
  readonly optionNames?: OptionNames | undefined;
}
