import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import { ServeConfigurationError } from '../server/serve-configuration';

/**
 * The file that `cdktf-brainwave serve-entry-script --config` reads, at its start and on SIGHUP. Secrets stay in files
 * of their own.
 */
export const endpointConfigurationSchema = z.strictObject({
  /** Goes into the state file, so that who changed the configuration can see that it is in force. */
  revision: z.string(),
  host: z.string(),
  port: z.number().int().min(0).max(65_535),
  python: z.string(),
  codeFolder: z.string(),
  entryScript: z.string(),
  modelFolder: z.string(),
  workers: z.number().int().min(1),
  environment: z.record(z.string(), z.string()),
  maxRequestBytes: z.number().int().min(1),
  tls: z.strictObject({ certificateFile: z.string(), privateKeyFile: z.string() }).optional(),
  keyFile: z.string().optional(),
});

export type EndpointConfiguration = z.infer<typeof endpointConfigurationSchema>;

/** @throws ServeConfigurationError */
export async function readEndpointConfiguration(file: string): Promise<EndpointConfiguration> {
  try {
    return endpointConfigurationSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new ServeConfigurationError(
      `${file} is no configuration of an entry script (${String(error)}); apply the stack again, which writes it`,
      { cause: error },
    );
  }
}
