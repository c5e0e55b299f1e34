import type { Classification } from '../client/classification';
import type { LatencyBudget } from './smoke-test-options';

/** How a service is called. */
export type SmokeTestProtocol = 'grpc' | 'http';

/** The steps of a smoke test, in order. Each begins when the one before it has passed. */
export type SmokeTestCheckName =
  'dns' | 'tcp' | 'tls' | 'health' | 'authentication' | 'first-call' | 'warm-calls' | 'expectations';

/** What one step found. */
export interface SmokeTestCheck {
  readonly name: SmokeTestCheckName;
  /** `skipped`: it does not apply to this service, and `detail` says why; `not-run`: a step before it failed. */
  readonly outcome: 'passed' | 'failed' | 'skipped' | 'not-run';
  /** Milliseconds since the test began; 0 where it did not run. */
  readonly startMs: number;
  readonly durationMs: number;
  /** What was found, in a sentence. */
  readonly detail: string;
  /** The failure's stable name, such as `CONNECTION_FAILED`; present where it failed. */
  readonly code?: string | undefined;
  /** The failure's finer kind where there is one, such as `name-mismatch`. */
  readonly reason?: string | undefined;
  /** How to mend it; present where it failed and a way is known. */
  readonly remedy?: string | undefined;
}

/** The certificate that the service showed. */
export interface ServedCertificateReport {
  readonly subject: string;
  /** Host names and IP addresses of its subject alternative names. */
  readonly names: readonly string[];
  readonly issuer: string;
  /** ISO 8601. */
  readonly validFrom: string;
  /** ISO 8601. */
  readonly validTo: string;
  /** Whole days, rounded down; negative where it has expired. */
  readonly daysToExpiry: number;
  /** SHA-256 of the certificate, upper-case hexadecimal with colons. */
  readonly fingerprint256: string;
  /** Such as `TLSv1.3`. */
  readonly protocol: string;
  /** Such as `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
}

/** What DNS said of the service's name. */
export interface DnsReport {
  readonly name: string;
  readonly answers: readonly {
    /** `system`, or the resolver's address. */
    readonly resolver: string;
    readonly addresses: readonly string[];
  }[];
  /** The address that the record must hold, where it was given. */
  readonly expectedAddress?: string | undefined;
}

/** One image or request, what was answered and whether it was right. */
export interface SmokeTestSampleReport {
  /** The file's name without its folder. */
  readonly name: string;
  /** The file. */
  readonly path: string;
  readonly passed: boolean;
  /** Why it is wrong, or what was found, in a sentence. */
  readonly detail: string;
  /** The most probable classes, the first one first; for an image. */
  readonly topClasses?: readonly Classification[] | undefined;
  /** The body's first 4096 characters; for a request over HTTP. */
  readonly answer?: string | undefined;
  /** What was expected, as given. */
  readonly expected: Readonly<Record<string, unknown>>;
  /** The largest difference from the baseline's numbers; where there is a baseline. */
  readonly drift?: number | undefined;
}

/** Milliseconds, of the calls that were answered. */
export interface LatencyReport {
  /** The first call: a cold one. */
  readonly firstMs: number;
  /** Of the calls after it and after the warm-up; absent where none was asked for. */
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
        /** Each call, shortest first, at most 1,000 of them evenly chosen. */
        readonly samplesMs: readonly number[];
      }
    | undefined;
  /** What was asked for, where it was. */
  readonly budget?: LatencyBudget | undefined;
}

/** The result of a smoke test, as the JSON report holds it. It never holds a key. */
export interface SmokeTestReport {
  /** The report's format. It changes when a field is renamed or removed. */
  readonly schemaVersion: 1;
  readonly passed: boolean;
  /** The command's exit code for this result. */
  readonly exitCode: number;
  /** Absent where it passed. */
  readonly failure?:
    | {
        /** Absent where it failed before the first check, for an input that cannot be used. */
        readonly check?: SmokeTestCheckName | undefined;
        /** Stable, such as `CONNECTION_FAILED`. */
        readonly code: string;
        /** Why, in a sentence, with the remedy. */
        readonly message: string;
      }
    | undefined;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly target: {
    readonly protocol: SmokeTestProtocol;
    /** The name or IP address that clients call. */
    readonly host: string;
    readonly port: number;
    readonly tls: boolean;
    /** The name that the certificate was checked against. */
    readonly serverName?: string | undefined;
    /** The IP address that was connected to in place of what DNS says of `host`. */
    readonly connectedTo?: string | undefined;
    /** Over HTTP: `/score`. */
    readonly path?: string | undefined;
    /** Whether calls carried a key. */
    readonly key: boolean;
  };
  /** All of them, in order. */
  readonly checks: readonly SmokeTestCheck[];
  readonly dns?: DnsReport | undefined;
  readonly certificate?: ServedCertificateReport | undefined;
  /** What the service says that it serves. */
  readonly model?: { readonly name: string; readonly versions: readonly string[] } | undefined;
  readonly samples: readonly SmokeTestSampleReport[];
  readonly latency?: LatencyReport | undefined;
}

/** What happens while a smoke test runs. */
export type SmokeTestEvent =
  | { readonly kind: 'check-started'; readonly check: SmokeTestCheckName }
  /** The service is not ready yet. The check tries again until `timeoutMs` have passed. */
  | {
      readonly kind: 'waiting';
      readonly check: SmokeTestCheckName;
      readonly elapsedMs: number;
      readonly timeoutMs: number;
      /** Why it is not ready, as a sentence. */
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
