import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { BrainwaveError } from '../errors/brainwave-error';

/** The configuration of a serving process cannot be used. */
export class ServeConfigurationError extends BrainwaveError {
  readonly code = 'SERVE_CONFIGURATION_INVALID';
}

const port = z.number().int().min(0).max(65_535);

/**
 * The file that `cdktf-brainwave serve --config` reads, at its start and on SIGHUP. Paths are relative to it.
 * Secrets stay in files of their own.
 */
export const serveConfigurationSchema = z.strictObject({
  /** Goes into the state file, so that who changed the configuration can see that it is in force. */
  revision: z.string().default(''),
  model: z.strictObject({
    name: z.string().default('default'),
    version: z.string().default('1'),
    path: z.string(),
  }),
  host: z.string().default('127.0.0.1'),
  port: port.default(50_051),
  tls: z.strictObject({ certificateFile: z.string(), privateKeyFile: z.string() }).optional(),
  keyFile: z.string().optional(),
  /** How callers without a right key are slowed. */
  failedAttempts: z
    .strictObject({ burst: z.number().positive().optional(), perSecond: z.number().positive().optional() })
    .optional(),
  /** The server that runs `brainwave` stages. */
  accelerator: z
    .strictObject({
      protocol: z.enum(['kserve-v2', 'tensorflow-serving']),
      /** `host:port` */
      address: z.string(),
      inputTensor: z.string().optional(),
      outputTensor: z.string().optional(),
      timeoutMs: z.number().positive().optional(),
      maxBatch: z.number().int().min(1).optional(),
    })
    .optional(),
  workers: z.number().int().min(1).optional(),
  /** Milliseconds that a worker may run for a part of a request; one that takes longer is replaced. */
  maxRunMs: z.number().int().min(1).optional(),
  maxInFlight: z.number().int().min(1).optional(),
  healthPort: port.optional(),
  reflection: z.boolean().optional(),
});

export type ServeConfiguration = z.infer<typeof serveConfigurationSchema>;

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
