import * as z from 'zod';

/** Terraform converts numbers to strings when it renders a template, so both types are accepted. */
const number = () => z.coerce.number<number>();

const port = number().int().min(0).max(65_535);

/** Name and address of a workload on this machine. */
export const workloadAddress = {
  name: z.string(),
  /** IP address to listen on. */
  address: z.string(),
  port,
  /** Environment variable that sets the port at synth, for messages. */
  portVariable: z.string().optional(),
};

/** Where probes and metrics are served. */
const health = {
  /** @default - the loopback address */
  healthAddress: z.string().optional(),
  /** @default - a free port at each start */
  healthPort: port.optional(),
};

const tlsSchema = z.strictObject({
  /** Host name that clients check the certificate against. */
  hostname: z.string(),
  /** The certificate is generated, and reused until it is about to expire. */
  selfSigned: z.strictObject({ validityDays: number().int().min(1) }).optional(),
  /** PEM files, relative to the project's folder. */
  files: z
    .strictObject({
      certificate: z.string(),
      privateKey: z.string(),
      rootCertificate: z.string().optional(),
      allowSelfSigned: z.boolean().optional(),
    })
    .optional(),
});

const keysSchema = z.strictObject({
  /** Keys are generated. A changed rotation generates a new key. */
  generated: z.strictObject({ primaryRotation: z.string(), secondaryRotation: z.string() }).optional(),
  /** Keys were written by an earlier step. */
  provided: z.boolean().optional(),
});

const secrets = { tls: tlsSchema.optional(), keys: keysSchema.optional() };

/** A scoring service on this machine, as a stack declares it. Contains no secrets. */
export const serviceSpecificationSchema = z.strictObject({
  kind: z.literal('service'),
  ...workloadAddress,
  /** Reported to callers: the smoke test of the stack requires it. */
  revision: z.string().optional(),
  model: z.strictObject({
    name: z.string(),
    version: z.string(),
    /** The model registry's folder, relative to the project's folder. */
    registry: z.string(),
  }),
  ...secrets,
  /** Number of scoring threads. */
  workers: number().int().min(1),
  maxInFlight: number().int().min(1).optional(),
  ...health,
  allowedOrigins: z.array(z.string()).optional(),
});

/** An online endpoint on this machine, as a stack declares it. Contains no secrets. */
export const endpointSpecificationSchema = z.strictObject({
  kind: z.literal('endpoint'),
  ...workloadAddress,
  /** Folder that contains the entry script, relative to the stack's folder. */
  code: z.string(),
  /** The entry script, relative to `code`. */
  entryScript: z.string(),
  /** File or folder, relative to the stack's folder; the script finds it under `name` in `AZUREML_MODEL_DIR`. */
  model: z.strictObject({ path: z.string(), name: z.string() }),
  /** pip requirements file, relative to the stack's folder. */
  requirements: z.string(),
  ...secrets,
  /** Number of scoring processes. */
  workers: number().int().min(1),
  /** Environment variables of the script. Not for secrets. */
  environment: z.record(z.string(), z.string()),
  /** Maximum size of a request body, in bytes. */
  maxRequestBytes: number().int().min(1),
  ...health,
});

/** TLS and key settings of a workload, without secrets. */
export interface SecretsSpecification {
  readonly tls?: z.output<typeof tlsSchema> | undefined;
  readonly keys?: z.output<typeof keysSchema> | undefined;
}

export type TlsSpecification = z.output<typeof tlsSchema>;
export type ServiceSpecification = z.output<typeof serviceSpecificationSchema>;
export type EndpointSpecification = z.output<typeof endpointSpecificationSchema>;
