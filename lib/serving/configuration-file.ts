import { readFile } from 'node:fs/promises';
import path from 'node:path';

import * as z from 'zod';

import { SERVER_VARIABLES } from '../contract/environment';
import { endpointConfigurationSchema, type EndpointConfiguration } from '../contract/endpoint-configuration';
import { serveConfigurationSchema, type ServeConfiguration } from '../contract/serve-configuration';
import { ServeConfigurationError } from './serving-errors';

/**
 * Reads the configuration of a scoring server and resolves its paths, which are relative to the file.
 * `CDKTF_BRAINWAVE_CONFIGURATION` replaces the content of the file, for platforms that cannot mount one.
 * @throws ServeConfigurationError if the configuration cannot be read or is invalid
 */
export async function readServeConfiguration(file: string): Promise<ServeConfiguration> {
  const variable = process.env[SERVER_VARIABLES.configuration];
  const configuration =
    variable === undefined
      ? await readConfiguration(file, serveConfigurationSchema)
      : parseConfiguration(
          variable,
          `the environment variable ${SERVER_VARIABLES.configuration}`,
          serveConfigurationSchema,
        );
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
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ServeConfigurationError(
      `cannot read the configuration file ${file} (${String((error as NodeJS.ErrnoException).code)})`,
      { cause: error },
    );
  });
  return parseConfiguration(text, `the configuration file ${file}`, schema);
}

function parseConfiguration<T>(text: string, what: string, schema: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ServeConfigurationError(`${what} is not JSON (${(error as Error).message})`, { cause: error });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new ServeConfigurationError(`${what} is invalid:\n${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}
