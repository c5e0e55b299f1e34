import * as z from 'zod';

export const port = z.number().int().min(0).max(65_535);

/** Certificate and private key, as PEM files. */
export const tlsFilesSchema = z.strictObject({ certificateFile: z.string(), privateKeyFile: z.string() });

/**
 * The file that `cdktf-brainwave serve --config` reads at startup and on SIGHUP. Paths are relative to the file.
 * Secrets are in separate files.
 */
export const serveConfigurationSchema = z.strictObject({
  /** Reported in the state file, which shows whether a changed configuration is in effect. */
  contentHash: z.string().default(''),
  /** Reported to callers, so that a smoke test can require what was deployed. */
  revision: z.string().optional(),
  model: z.strictObject({
    name: z.string().default('default'),
    version: z.string().default('1'),
    path: z.string(),
  }),
  host: z.string().default('127.0.0.1'),
  port: port.default(50_051),
  tls: tlsFilesSchema.optional(),
  /** Whether a trusted proxy terminates TLS and connects without it. Keys are then checked although `tls` is not set. */
  tlsTerminatedByProxy: z.boolean().optional(),
  keyFile: z.string().optional(),
  /** Secrets to read from environment variables (`SERVER_VARIABLES`) instead of files. */
  secretsFromEnvironment: z.array(z.enum(['certificate', 'keys'])).optional(),
  /** How calls without a valid key are throttled. */
  failedAttempts: z
    .strictObject({ burst: z.number().positive().optional(), perSecond: z.number().positive().optional() })
    .optional(),
  /** The model server that runs `brainwave` stages. */
  accelerator: z
    .strictObject({
      protocol: z.enum(['kserve-v2', 'tensorflow-serving']),
      /** `host:port` */
      address: z.string(),
      modelName: z.string().min(1).optional(),
      /** Empty for the one that the model server chooses. */
      modelVersion: z.string().optional(),
      inputTensor: z.string().optional(),
      outputTensor: z.string().optional(),
      /** For a stage with several outputs, by the names that clients see. */
      outputTensors: z.record(z.string(), z.string()).optional(),
      timeoutMs: z.number().positive().optional(),
      maxBatch: z.number().int().min(1).optional(),
      /** Milliseconds that a request waits for others, to be sent with them in one call. */
      maxBatchDelayMs: z.number().int().min(0).optional(),
      maxMessageBytes: z.number().int().min(65_536).optional(),
    })
    .optional(),
  workers: z.number().int().min(1).optional(),
  /** Maximum time, in milliseconds, for a worker to run one part of a request; a slower worker is replaced. */
  maxRunMs: z.number().int().min(1).optional(),
  maxInFlight: z.number().int().min(1).optional(),
  /** Origins of the pages that may call from a browser, or `*`. */
  allowedOrigins: z.array(z.string()).optional(),
  /** Maximum age of a connection, after which its caller connects again, perhaps to another replica. */
  maxConnectionAgeSeconds: z.number().positive().optional(),
  /** Maximum time for the calls in flight on a connection that has reached its maximum age. */
  maxConnectionAgeGraceSeconds: z.number().positive().optional(),
  healthPort: port.optional(),
  /** Address of the health port. @default - `host` */
  healthHost: z.string().optional(),
  reflection: z.boolean().optional(),
});

/** Parsed configuration, with defaults. */
export type ServeConfiguration = z.output<typeof serveConfigurationSchema>;

/** Configuration as it is written. Fields with a default are optional. */
export type ServeConfigurationFile = z.input<typeof serveConfigurationSchema>;
