import { z } from 'zod';

/** Where a server on this machine takes its certificate from. */
export const tlsSpecificationSchema = z.strictObject({
  /** The name that clients check the certificate against. */
  hostname: z.string(),
  /** A certificate is made, and kept until it is about to expire. */
  selfSigned: z.strictObject({ validityDays: z.coerce.number().int().min(1) }).optional(),
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

/** Where a server on this machine takes its keys from. */
export const keysSpecificationSchema = z.strictObject({
  /** Keys are made; a key is made anew when its rotation changes. */
  generated: z.strictObject({ primaryRotation: z.string(), secondaryRotation: z.string() }).optional(),
  /** Keys were written by the step before this one. */
  provided: z.boolean().optional(),
});

/** A server's TLS and keys, without secrets. */
export interface SecretsSpecification {
  readonly tls?: z.infer<typeof tlsSpecificationSchema> | undefined;
  readonly keys?: z.infer<typeof keysSpecificationSchema> | undefined;
}

/** What a stack declares of a service on this machine; it travels to the provisioner as JSON, without secrets. */
export const localServiceSpecificationSchema = z.strictObject({
  name: z.string(),
  /** Where the server listens. */
  address: z.string(),
  port: z.coerce.number().int().min(0).max(65_535),
  model: z.strictObject({
    name: z.string(),
    version: z.string(),
    /** The registry's folder, relative to the project's. */
    registry: z.string(),
  }),
  tls: tlsSpecificationSchema.optional(),
  keys: keysSpecificationSchema.optional(),
  /** Threads that score. */
  workers: z.coerce.number().int().min(1),
  maxInFlight: z.coerce.number().int().min(1).optional(),
});

export type LocalServiceSpecification = z.infer<typeof localServiceSpecificationSchema>;
