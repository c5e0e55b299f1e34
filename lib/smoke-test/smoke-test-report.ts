import type { Classification } from '../client/classification';
import type { LatencyBudget } from './smoke-test-options';

/** Protocol by which a service is called. */
export type SmokeTestProtocol = 'grpc' | 'rest' | 'http';

/** Checks of a smoke test, in order. Each starts after the previous one has passed. */
export type SmokeTestCheckName =
  'dns' | 'tcp' | 'tls' | 'health' | 'authentication' | 'first-call' | 'warm-calls' | 'expectations';

/** Result of one check. */
export interface SmokeTestCheck {
  readonly name: SmokeTestCheckName;
  /** `skipped`: does not apply to this service, for the reason in `detail`; `not-run`: an earlier check failed. */
  readonly outcome: 'passed' | 'failed' | 'skipped' | 'not-run';
  /** Start, in milliseconds since the start of the test; 0 if it did not run. */
  readonly startMs: number;
  readonly durationMs: number;
  /** Finding, as a sentence. */
  readonly detail: string;
  /** Stable code of the failure, such as `CONNECTION_FAILED`; present if the check failed. */
  readonly code?: string | undefined;
  /** Subtype of the failure, if it has one, such as `name-mismatch`. */
  readonly reason?: string | undefined;
  /** How to fix the failure, if known. */
  readonly remedy?: string | undefined;
}

/** Served certificate. */
export interface ServedCertificateReport {
  readonly subject: string;
  /** Host names and IP addresses in the subject alternative names. */
  readonly names: readonly string[];
  readonly issuer: string;
  /** ISO 8601 timestamp. */
  readonly validFrom: string;
  /** ISO 8601 timestamp. */
  readonly validTo: string;
  /** Whole days until it expires, rounded down; negative if it has expired. */
  readonly daysToExpiry: number;
  /** SHA-256 of the certificate, upper-case hexadecimal with colons. */
  readonly fingerprint256: string;
  /** Such as `TLSv1.3`. */
  readonly protocol: string;
  /** Such as `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
}

/** DNS records of the service's host name. */
export interface DnsReport {
  readonly name: string;
  readonly answers: readonly {
    /** `system`, or the address of the resolver. */
    readonly resolver: string;
    readonly addresses: readonly string[];
  }[];
  /** Address that the record must contain, if set. */
  readonly expectedAddress?: string | undefined;
}

/** Result of one image or request. */
export interface SmokeTestSampleReport {
  /** File name without its folder. */
  readonly name: string;
  /** Path of the file. */
  readonly path: string;
  readonly passed: boolean;
  /** Finding, or reason why the answer is wrong, as a sentence. */
  readonly detail: string;
  /** Most probable classes in descending order, for an image. */
  readonly topClasses?: readonly Classification[] | undefined;
  /** First 4,096 characters of the response body, for a request over HTTP. */
  readonly answer?: string | undefined;
  /** Expectation, as set by the user. */
  readonly expected: Readonly<Record<string, unknown>>;
  /** Most probable classes that the reference predicts, in descending order, for an image. */
  readonly referenceClasses?: readonly Classification[] | undefined;
  /** Largest difference from the numbers in the baseline, or in the answer of the reference, if there is one. */
  readonly drift?: number | undefined;
}

/** Latencies of the calls that received a response, in milliseconds. */
export interface LatencyReport {
  /** Latency of the first call, which may include a cold start. */
  readonly firstMs: number;
  /** Latencies of the calls after the first one and the warm-up; absent if there were none. */
  readonly warm?:
    | {
        readonly count: number;
        readonly minMs: number;
        readonly meanMs: number;
        readonly p50Ms: number;
        readonly p95Ms: number;
        readonly p99Ms: number;
        readonly maxMs: number;
        readonly requestsPerSecond: number;
        readonly concurrency: number;
        /** Latencies in ascending order; at most 1,000, evenly sampled. */
        readonly samplesMs: readonly number[];
      }
    | undefined;
  /** Latency budget, if set. */
  readonly budget?: LatencyBudget | undefined;
}

/** Result of a smoke test, as in the JSON report. Never contains a key. */
export interface SmokeTestReport {
  /** Version of the report format. Changes if a field is renamed or removed. */
  readonly schemaVersion: 1;
  readonly passed: boolean;
  /** Exit code of the command for this result. */
  readonly exitCode: number;
  /** Absent if the test passed. */
  readonly failure?:
    | {
        /** Absent if the test failed before the first check because of invalid input. */
        readonly check?: SmokeTestCheckName | undefined;
        /** Stable code, such as `CONNECTION_FAILED`. */
        readonly code: string;
        /** Reason as a sentence, with the remedy. */
        readonly message: string;
      }
    | undefined;
  /** ISO 8601 timestamp. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly target: {
    readonly protocol: SmokeTestProtocol;
    /** Host name or IP address that clients call. */
    readonly host: string;
    readonly port: number;
    readonly tls: boolean;
    /** Name that the certificate was verified against. */
    readonly serverName?: string | undefined;
    /** IP address that was used instead of the DNS record of `host`. */
    readonly connectedTo?: string | undefined;
    /** Path over HTTP, such as `/score`. */
    readonly path?: string | undefined;
    /** Whether calls included a key. */
    readonly key: boolean;
  };
  /** All checks, in order. */
  readonly checks: readonly SmokeTestCheck[];
  readonly dns?: DnsReport | undefined;
  readonly certificate?: ServedCertificateReport | undefined;
  /** Model that the service reports. */
  readonly model?: { readonly name: string; readonly versions: readonly string[] } | undefined;
  readonly samples: readonly SmokeTestSampleReport[];
  readonly latency?: LatencyReport | undefined;
}

/** Event during a smoke test. */
export type SmokeTestEvent =
  | { readonly kind: 'check-started'; readonly check: SmokeTestCheckName }
  /** The service is not ready yet. The check retries until `timeoutMs` have passed. */
  | {
      readonly kind: 'waiting';
      readonly check: SmokeTestCheckName;
      readonly elapsedMs: number;
      readonly timeoutMs: number;
      /** Reason why it is not ready, as a sentence. */
      readonly reason: string;
    }
  /** Progress in calls, or in milliseconds. */
  | {
      readonly kind: 'progress';
      readonly check: SmokeTestCheckName;
      readonly done: number;
      readonly total: number;
      readonly unit: 'calls' | 'ms';
    }
  | { readonly kind: 'check-ended'; readonly check: SmokeTestCheck };
