import type { Classification } from '../client/classification';

/** Messages between the page and its server on the loopback interface. No message contains a key. */

/** A failure, as the command line reports it. */
export interface Problem {
  /** `code` of the error. */
  readonly code: string;
  readonly message: string;
}

/** State of the service, of the model that it serves, and of its certificate. */
export interface ServiceStatus {
  /** `host:port` */
  readonly address: string;
  /** Host name that the certificate is checked against, if it differs from the address. */
  readonly serverName?: string | undefined;
  readonly state: 'serving' | 'not-serving' | 'unreachable';
  /** Why the service is not usable, or why the key was refused. */
  readonly problem?: Problem | undefined;
  /** Last known model. */
  readonly model?: ServedModelDescription | undefined;
  /** Last certificate that the service presented; undefined without TLS. */
  readonly certificate?: CertificateDescription | undefined;
  readonly tls: boolean;
}

/** The served model. */
export interface ServedModelDescription {
  readonly name: string;
  /** Version that was deployed, or its number in the protocol. */
  readonly version?: string | undefined;
  readonly revision?: string | undefined;
  readonly input: ModelInput;
}

/** What the model takes: encoded images, or an array with the batch as its first dimension. */
export type ModelInput =
  | { readonly kind: 'image' }
  | { readonly kind: 'array'; readonly name: string; readonly shape: readonly number[] };

export interface CertificateDescription {
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  /** ISO 8601 */
  readonly validTo: string;
  /** Whole days until it expires; negative after it has expired. */
  readonly daysLeft: number;
}

/** The service's metrics over the last minutes, or why there are none. */
export type MetricsStatus =
  | { readonly state: 'off' }
  | { readonly state: 'failed'; readonly message: string }
  | { readonly state: 'on'; readonly points: readonly MetricsPoint[] };

/** What happened since the last scrape; the percentiles are of the calls of the last 30 seconds. */
export interface MetricsPoint {
  /** Seconds since the epoch. */
  readonly time: number;
  readonly callsPerSecond: number;
  readonly errorsPerSecond: number;
  /** Milliseconds; null without calls. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

/** Answer to `GET api/status`. */
export interface StatusAnswer {
  readonly service: ServiceStatus;
  readonly metrics: MetricsStatus;
}

/** Answer to `POST api/image` and `POST api/array`. */
export type PredictionAnswer = PredictionResult | { readonly problem: Problem };

/** What the service answered. */
export interface PredictionResult {
  readonly latencyMs: number;
  /** The most probable classes, in descending order; undefined if the answer is not one row of numbers. */
  readonly classes?: readonly Classification[] | undefined;
  /** Why the numbers may not be probabilities. */
  readonly warning?: string | undefined;
  readonly outputs: readonly OutputDescription[];
}

/** An output of the model, with its first numbers. */
export interface OutputDescription {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}
