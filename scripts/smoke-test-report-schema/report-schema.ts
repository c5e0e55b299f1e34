import { z } from 'zod';

import type { SmokeTestReport } from '../../lib/smoke-test/smoke-test-report';

/*
 * The JSON report, for those who read it without our types. The descriptions are for people who meet the file with
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

/** What a broken model answered may be no number, for which JSON has `null`. */
const answeredNumber = z.union([z.number(), z.nan()]);
const count = z.int().min(0);
const milliseconds = z.number().min(0);
/** By the format alone: zod's own pattern for it knows of leap years and is a page long. */
const timestamp = z.string().meta({ format: 'date-time' });

const classification = z.strictObject({
  classIndex: count.describe("index of the class in the model's output, from 0"),
  label: z.string().optional().describe("the class's name, where labels were given"),
  probability: answeredNumber.describe('0 to 1; null where the model answered none'),
});

const check = z.strictObject({
  name: checkName,
  outcome: z
    .enum(['passed', 'failed', 'skipped', 'not-run'])
    .describe('skipped: it does not apply to this service; not-run: a check before it failed'),
  startMs: milliseconds.describe('milliseconds since the test began; 0 where it did not run'),
  durationMs: milliseconds,
  detail: z.string().describe('what was found, in a sentence'),
  code: z.string().optional().describe("the failure's stable name, such as CONNECTION_FAILED"),
  reason: z.string().optional().describe("the failure's finer kind, such as name-mismatch"),
  remedy: z.string().optional().describe('how to mend it'),
});

const certificate = z.strictObject({
  subject: z.string(),
  names: z.array(z.string()).describe('host names and IP addresses of its subject alternative names'),
  issuer: z.string(),
  validFrom: timestamp,
  validTo: timestamp,
  daysToExpiry: z.int().describe('whole days, rounded down; negative where it has expired'),
  fingerprint256: z.string().describe('SHA-256, upper-case hexadecimal with colons'),
  protocol: z.string().describe('such as TLSv1.3'),
  cipher: z.string().describe('such as TLS_AES_256_GCM_SHA384'),
});

const dns = z.strictObject({
  name: z.string(),
  answers: z.array(
    z.strictObject({
      resolver: z.string().describe("system, or the resolver's address"),
      addresses: z.array(z.string()),
    }),
  ),
  expectedAddress: z.string().optional().describe('the address that the record must hold'),
});

const sample = z.strictObject({
  name: z.string().describe("the file's name without its folder"),
  path: z.string(),
  passed: z.boolean(),
  detail: z.string().describe('why it is wrong, or what was found, in a sentence'),
  topClasses: z.array(classification).optional().describe('the most probable first; for an image'),
  answer: z.string().optional().describe("the body's first 4096 characters; for a request over HTTP"),
  expected: z.record(z.string(), z.unknown()).describe('what was expected, as given'),
  drift: answeredNumber
    .optional()
    .describe("the largest difference from the baseline's numbers; null where it is none"),
});

const latency = z.strictObject({
  firstMs: milliseconds.describe('the first call: a cold one'),
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
        .describe('each call, shortest first, at most 1,000 evenly chosen'),
    })
    .optional()
    .describe('the calls after the first one and after the warm-up'),
  budget: z
    .strictObject({
      p50Ms: z.number().optional(),
      p95Ms: z.number().optional(),
      p99Ms: z.number().optional(),
      minimumRequestsPerSecond: z.number().optional(),
    })
    .optional()
    .describe('what was asked for'),
});

/** The report as zod describes it. */
export const reportSchema = z
  .strictObject({
    schemaVersion: z.literal(1).describe('changes when a field is renamed or removed'),
    passed: z.boolean(),
    exitCode: z.int().min(0).max(255).describe("the command's exit code for this result"),
    failure: z
      .strictObject({
        check: checkName.optional().describe('absent where it failed before the first check'),
        code: z.string().describe('stable, such as CONNECTION_FAILED'),
        message: z.string().describe('why, in a sentence, with the remedy'),
      })
      .optional()
      .describe('absent where it passed'),
    startedAt: timestamp,
    durationMs: milliseconds,
    target: z.strictObject({
      protocol: z.enum(['grpc', 'http']),
      host: z.string().describe('the name or IP address that clients call'),
      port: z.int().min(0).max(65_535),
      tls: z.boolean(),
      serverName: z.string().optional().describe('the name that the certificate was checked against'),
      connectedTo: z
        .string()
        .optional()
        .describe('the IP address that was connected to in place of what DNS says of host'),
      path: z.string().optional().describe('over HTTP: such as /score'),
      key: z.boolean().describe('whether calls carried a key; the report never holds it'),
    }),
    checks: z.array(check).describe('all of them, in order'),
    dns: dns.optional(),
    certificate: certificate.optional().describe('the certificate that the service showed'),
    model: z
      .strictObject({ name: z.string(), versions: z.array(z.string()) })
      .optional()
      .describe('what the service says that it serves'),
    samples: z.array(sample),
    latency: latency.optional(),
  })
  .meta({
    title: 'Smoke test report',
    description: 'The result of a smoke test of a scoring service, as cdktf-brainwave writes it.',
  });

/** The JSON Schema (draft 2020-12) that the package publishes. */
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

// This does not compile where the type and the schema part: where one has a field more, or of another type.
true satisfies Same<Mutable<z.infer<typeof reportSchema>>, Mutable<SmokeTestReport>>;
