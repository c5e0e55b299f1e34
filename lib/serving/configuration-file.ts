import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { endpointConfigurationSchema, type EndpointConfiguration } from '../contract/endpoint-configuration';
import { serveConfigurationSchema, type ServeConfiguration } from '../contract/serve-configuration';
import { ServeConfigurationError } from './serving-errors';

/**
 * Reads the configuration file of a scoring server and resolves its paths.
 * @throws ServeConfigurationError if the file cannot be read or is invalid
 */
export async function readServeConfiguration(file: string): Promise<ServeConfiguration> {
  const configuration = await readConfiguration(file, serveConfigurationSchema);
  const { model, tls, keyFile } = configuration;
  const resolve = (name: string) => path.resolve(path.dirname(file), name);
  return {
    ...configuration,
    model: { ...model, path: resolve(model.path) },
    tls: tls && {
      certificateFile: resolve(tls.certificateFile),
      privateKeyFile: resolve(tls.privateKeyFile),
    },
    keyFile: keyFile === undefined ? undefined : resolve(keyFile),
  };
}

/**
 * Reads the configuration file of a server that runs an entry script.
 * @throws ServeConfigurationError if the file cannot be read or is invalid
 */
export async function readEndpointConfiguration(file: string): Promise<EndpointConfiguration> {
  return readConfiguration(file, endpointConfigurationSchema);
}

async function readConfiguration<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ServeConfigurationError(
      code === undefined
        ? `the configuration file ${file} is not JSON (${message})`
        : `cannot read the configuration file ${file} (${code})`,
      { cause: error },
    );
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new ServeConfigurationError(
      `the configuration file ${file} is invalid:\n${z.prettifyError(parsed.error)}`,
    );
  }
  return parsed.data;
}
