import * as z from 'zod';

import { port, tlsFilesSchema } from './serve-configuration';

/**
 * The file that `cdktf-brainwave serve-entry-script --config` reads at startup and on SIGHUP. Secrets are in separate
 * files.
 */
export const endpointConfigurationSchema = z.strictObject({
  /** Reported in the state file, which shows whether a changed configuration is in effect. */
  contentHash: z.string(),
  host: z.string(),
  port,
  /** Address of the port of metrics and probes. @default - the loopback address */
  healthHost: z.string().optional(),
  /** Port of metrics and probes. @default - none */
  healthPort: port.optional(),
  /** Python interpreter that has the script's packages. */
  python: z.string(),
  codeFolder: z.string(),
  entryScript: z.string(),
  modelFolder: z.string(),
  /** Shown in the metrics. */
  model: z.strictObject({ name: z.string(), version: z.string() }),
  workers: z.number().int().min(1),
  environment: z.record(z.string(), z.string()),
  maxRequestBytes: z.number().int().min(1),
  tls: tlsFilesSchema.optional(),
  keyFile: z.string().optional(),
});

export type EndpointConfiguration = z.output<typeof endpointConfigurationSchema>;
