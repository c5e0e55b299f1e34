import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { serveConfigurationSchema, type ServeConfiguration } from '../contract/serve-configuration';
import { BrainwaveError } from '../errors/brainwave-error';

/** The configuration of a serving process cannot be used. */
export class ServeConfigurationError extends BrainwaveError {
  readonly code = 'SERVE_CONFIGURATION_INVALID';
}

/**
 * Reads a configuration file.
 * @throws ServeConfigurationError
 */
export async function readServeConfiguration(file: string): Promise<ServeConfiguration> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ServeConfigurationError(
      code === undefined
        ? `the configuration ${file} is not JSON (${message})`
        : `cannot read the configuration ${file} (${code})`,
      { cause: error },
    );
  }
  const parsed = serveConfigurationSchema.safeParse(json);
  if (!parsed.success) {
    throw new ServeConfigurationError(`${file} is no configuration:\n${z.prettifyError(parsed.error)}`);
  }
  return resolvePaths(parsed.data, path.dirname(path.resolve(file)));
}

function resolvePaths(configuration: ServeConfiguration, folder: string): ServeConfiguration {
  const { model, tls, keyFile } = configuration;
  const resolve = (file: string) => path.resolve(folder, file);
  return {
    ...configuration,
    model: { ...model, path: resolve(model.path) },
    ...(tls && {
      tls: {
        certificateFile: resolve(tls.certificateFile),
        privateKeyFile: resolve(tls.privateKeyFile),
      },
    }),
    ...(keyFile !== undefined && { keyFile: resolve(keyFile) }),
  };
}

/** What a serving process writes of itself beside its configuration. */
export const serverStateSchema = z.object({
  instance: z.string(),
  pid: z.number().int().positive(),
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
