import { z } from 'zod';

/** The file that `cdktf-brainwave serve --config` reads, at its start and on SIGHUP. Secrets stay in their own files. */
export const serveConfigurationSchema = z.strictObject({
  /** Goes into the state file, so that who changed the configuration can see that it is in force. */
  revision: z.string(),
  model: z.strictObject({ name: z.string(), version: z.string(), path: z.string() }),
  host: z.string(),
  port: z.number().int().min(0).max(65_535),
  tls: z.strictObject({ certificateFile: z.string(), privateKeyFile: z.string() }).optional(),
  keyFile: z.string().optional(),
  workers: z.number().int().min(1).optional(),
  maxInFlight: z.number().int().min(1).optional(),
  healthPort: z.number().int().min(0).max(65_535).optional(),
});

export type ServeConfiguration = z.infer<typeof serveConfigurationSchema>;

/** What a serving process writes of itself beside its configuration. */
export const serverStateSchema = z.object({
  instance: z.string(),
  pid: z.number().int(),
  /** The revision that is in force. */
  revision: z.string(),
  ready: z.boolean(),
  port: z.number().int(),
  startedAt: z.string(),
  /** How often the configuration has been read again. */
  reloads: z.number().int(),
  /** Why the configuration that was read last is not in force. */
  failure: z.string().optional(),
});

export type ServerState = z.infer<typeof serverStateSchema>;
