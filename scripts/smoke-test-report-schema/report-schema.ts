import { z } from 'zod';

import type { SmokeTestReport } from '../../lib/smoke-test/smoke-test-report';

/*
 * JSON Schema of the report, for readers without our types. The descriptions are for people who read the file with
 * the schema alone.
 */

const checkName = z.enum([
  'dns',
  'tcp',
  'tls',
  'health',
  'authentication',
  'first-call',
  'warm-calls',
  'expectations',
]);

/** A broken model may return NaN, which JSON represents as `null`. */
const answeredNumber = z.union([z.number(), z.nan()]);
const count = z.int().min(0);
const milliseconds = z.number().min(0);
/** Declares only the format: the pattern of zod's own type covers leap years and is a page long. */
const timestamp = z.string().meta({ format: 'date-time' });

const classification = z.strictObject({
  classIndex: count.describe("index of the class in the model's output, from 0"),
  label: z.string().optional().describe('label of the class, if labels were set'),
  probability: answeredNumber.describe('0 to 1; null if the model returned NaN'),
});

const check = z.strictObject({
  name: checkName,
  outcome: z
    .enum(['passed', 'failed', 'skipped', 'not-run'])
    .describe('skipped: does not apply to this service; not-run: an earlier check failed'),
  startMs: milliseconds.describe('milliseconds since the start of the test; 0 if it did not run'),
  durationMs: milliseconds,
  detail: z.string().describe('finding, as a sentence'),
  code: z.string().optional().describe('stable code of the failure, such as CONNECTION_FAILED'),
  reason: z.string().optional().describe('subtype of the failure, such as name-mismatch'),
  remedy: z.string().optional().describe('how to fix the failure'),
});

const certificate = z.strictObject({
  subject: z.string(),
  names: z.array(z.string()).describe('host names and IP addresses in the subject alternative names'),
  issuer: z.string(),
  validFrom: timestamp,
  validTo: timestamp,
  daysToExpiry: z.int().describe('whole days until it expires, rounded down; negative if it has expired'),
  fingerprint256: z.string().describe('SHA-256 in uppercase hexadecimal with colons'),
  protocol: z.string().describe('such as TLSv1.3'),
  cipher: z.string().describe('such as TLS_AES_256_GCM_SHA384'),
});

const dns = z.strictObject({
  name: z.string(),
  answers: z.array(
    z.strictObject({
      resolver: z.string().describe('system, or the address of the resolver'),
      addresses: z.array(z.string()),
    }),
  ),
  expectedAddress: z.string().optional().describe('address that the record must contain'),
});

const sample = z.strictObject({
  name: z.string().describe('file name without its folder'),
  path: z.string(),
  passed: z.boolean(),
  detail: z.string().describe('finding, or why the answer is wrong, as a sentence'),
  topClasses: z
    .array(classification)
    .optional()
    .describe('most probable classes in descending order, for an image'),
  referenceClasses: z
    .array(classification)
    .optional()
    .describe('most probable classes that the reference predicts, in descending order, for an image'),
  answer: z
    .string()
    .optional()
    .describe('first 4,096 characters of the response body, for a request over HTTP'),
  expected: z.record(z.string(), z.unknown()).describe('expectation, as set by the user'),
  drift: answeredNumber
    .optional()
    .describe(
      'largest difference from the numbers in the baseline or of the reference; null if it is not a number',
    ),
});

const latency = z.strictObject({
  firstMs: milliseconds.describe('first call, which may include a cold start'),
  warm: z
    .strictObject({
      count,
      minMs: milliseconds,
      meanMs: milliseconds,
      p50Ms: milliseconds,
      p95Ms: milliseconds,
      p99Ms: milliseconds,
      maxMs: milliseconds,
      requestsPerSecond: z.number().min(0),
      concurrency: count,
      samplesMs: z
        .array(milliseconds)
        .max(1000)
        .describe('latencies in ascending order; at most 1,000, evenly sampled'),
    })
    .optional()
    .describe('calls after the first one and the warm-up'),
  budget: z
    .strictObject({
      p50Ms: z.number().optional(),
      p95Ms: z.number().optional(),
      p99Ms: z.number().optional(),
      minimumRequestsPerSecond: z.number().optional(),
    })
    .optional()
    .describe('latency budget, if set'),
});

/** Zod schema of the report. */
export const reportSchema = z
  .strictObject({
    schemaVersion: z.literal(1).describe('changes when a field is renamed or removed'),
    passed: z.boolean(),
    exitCode: z.int().min(0).max(255).describe('exit code of the command for this result'),
    failure: z
      .strictObject({
        check: checkName.optional().describe('absent if the test failed before the first check'),
        code: z.string().describe('stable code, such as CONNECTION_FAILED'),
        message: z.string().describe('reason as a sentence, with the remedy'),
      })
      .optional()
      .describe('absent if the test passed'),
    startedAt: timestamp,
    durationMs: milliseconds,
    target: z.strictObject({
      protocol: z.enum(['grpc', 'rest', 'http']),
      host: z.string().describe('host name or IP address that clients call'),
      port: z.int().min(0).max(65_535),
      tls: z.boolean(),
      serverName: z.string().optional().describe('name that the certificate was verified against'),
      connectedTo: z
        .string()
        .optional()
        .describe('IP address that was used instead of the DNS record of host'),
      path: z.string().optional().describe('path over HTTP, such as /score'),
      key: z.boolean().describe('whether calls included a key; the report never contains it'),
    }),
    checks: z.array(check).describe('all checks, in order'),
    dns: dns.optional(),
    certificate: certificate.optional().describe('served certificate'),
    model: z
      .strictObject({ name: z.string(), versions: z.array(z.string()) })
      .optional()
      .describe('model that the service reports'),
    samples: z.array(sample),
    latency: latency.optional(),
  })
  .meta({
    title: 'Smoke test report',
    description: 'Result of a cdktf-brainwave smoke test of a scoring service.',
  });

/** JSON Schema (draft 2020-12) that the package publishes. */
export function reportJsonSchema(): unknown {
  return z.toJSONSchema(reportSchema, {
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'nan') {
        jsonSchema.type = 'null';
      }
    },
  });
}

type Mutable<T> = T extends readonly (infer Element)[]
  ? Mutable<Element>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T;

// The compiler compares two such functions exactly, which it does not do with the types themselves.
/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters */
type Same<Left, Right> =
  (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false;
/* eslint-enable @typescript-eslint/no-unnecessary-type-parameters */

// Does not compile if the type and the schema differ: an additional field, or another field type.
true satisfies Same<Mutable<z.infer<typeof reportSchema>>, Mutable<SmokeTestReport>>;
