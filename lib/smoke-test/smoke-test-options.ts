import type { AnswerExpectation } from './answer-expectation';
import type { BaselineOptions } from './baseline';
import type { ClassExpectation } from './class-expectation';
import type { SmokeTestEvent } from './smoke-test-event';
import type { LatencyBudget, SmokeTestProtocol } from './smoke-test-report';
import type { Rollout } from './wait-for-rollout';

/** The service to test. Secrets are named by their files, which are read when the test runs. */
export interface SmokeTestTarget {
  /**
   * `grpc`: the protocol of TensorFlow Serving; `http`: `POST` of JSON to an online endpoint.
   * @default 'grpc'
   */
  readonly protocol?: SmokeTestProtocol | undefined;
  /** The host name or IP address that clients call. */
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /**
   * The name to check the certificate against.
   * @default - the host
   */
  readonly serverName?: string | undefined;
  /**
   * Over HTTP, where to post.
   * @default '/score'
   */
  readonly path?: string | undefined;
  /**
   * The IP address to connect to, whatever DNS says of the host: tests a service whose record is not there yet.
   * @default - what the system's resolver says
   */
  readonly connectTo?: string | undefined;
  /**
   * The IP address that the host's record must hold.
   * @default - any will do
   */
  readonly expectedAddress?: string | undefined;
  /**
   * The name servers that must know the record, too, such as `1.1.1.1` or `[2606:4700:4700::1111]:53`.
   * @default - the system's resolver alone
   */
  readonly resolvers?: readonly string[] | undefined;
  /**
   * Holds `{"primaryKey","secondaryKey"}`, or a key alone.
   * @default - calls carry no key
   */
  readonly keyFile?: string | undefined;
  /**
   * The key itself, for those who have it in memory; never beside `keyFile`.
   * @default - calls carry no key
   */
  readonly key?: string | undefined;
  /**
   * PEM: what to trust.
   * @default - the public roots
   */
  readonly rootCertificateFile?: string | undefined;
  /**
   * PEM: the certificate that was deployed, which must be the one that is served.
   * @default - any that is trusted will do
   */
  readonly certificateFile?: string | undefined;
  /**
   * PEM: the certificate to show to a service that asks for one, with those between it and its authority.
   * @default - none
   */
  readonly clientCertificateFile?: string | undefined;
  /**
   * PEM: the private key of the client certificate.
   * @default - none
   */
  readonly clientKeyFile?: string | undefined;
  /**
   * Over gRPC, the model to ask for.
   * @default - whatever model the service has
   */
  readonly model?: string | undefined;
  /**
   * Over gRPC, the version of the model that must be served, as the registry has it.
   * @default - any
   */
  readonly modelVersion?: string | undefined;
}

/** What is sent, and what the answer must be. */
export interface SmokeTestSample {
  /** Over gRPC: the image's path. Over HTTP: the path of the file with the JSON to post. */
  readonly path: string;
  /** @default - the test's expectation */
  readonly expect?: SmokeTestExpectation | undefined;
}

/** What an answer must be: of an image (label, class, probability), or of a request over HTTP (JSON). */
export interface SmokeTestExpectation extends ClassExpectation, AnswerExpectation {}

/** The calls after the first one. */
export interface WarmCalls {
  /**
   * How many; with `durationMs` none.
   * @default 5
   */
  readonly count?: number | undefined;
  /**
   * Milliseconds to go on calling.
   * @default - until `count` calls are answered
   */
  readonly durationMs?: number | undefined;
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

/** What is tested, with what, and what is expected. */
export interface SmokeTestOptions {
  readonly target: SmokeTestTarget;
  /** At least one. */
  readonly samples: readonly SmokeTestSample[];
  /**
   * What each sample's answer must be that has no expectation of its own.
   * @default - images: probabilities, whatever they are; requests: JSON, whatever it says
   */
  readonly expect?: SmokeTestExpectation | undefined;
  /**
   * The classes' names, class 0 first.
   * @default - classes are named by their numbers
   */
  readonly labels?: readonly string[] | undefined;
  /**
   * Milliseconds to wait until the service is ready, DNS and certificates included.
   * @default 300,000
   */
  readonly readyTimeoutMs?: number | undefined;
  /**
   * Milliseconds that one call may take.
   * @default 30,000 over gRPC, 120,000 over HTTP: longer than Azure's router waits for a deployment
   */
  readonly callTimeoutMs?: number | undefined;
  /**
   * A change that may still be under way when the test begins.
   * @default - what answers first is tested
   */
  readonly rollout?: Rollout | undefined;
  /**
   * Days that the certificate must still be valid for.
   * @default 0
   */
  readonly minimumDaysToExpiry?: number | undefined;
  /** @default - 5 calls, one after the other */
  readonly warm?: WarmCalls | undefined;
  /** @default - latency is told, not judged */
  readonly budget?: LatencyBudget | undefined;
  /** @default - answers are not compared with earlier ones */
  readonly baseline?: BaselineOptions | undefined;
  /** Ends the test. */
  readonly signal?: AbortSignal | undefined;
  /** Is called with everything that happens, as it happens. @default - nobody is told */
  readonly onEvent?: ((event: SmokeTestEvent) => void) | undefined;
}
