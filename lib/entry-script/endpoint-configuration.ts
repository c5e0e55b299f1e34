import { readFile } from 'node:fs/promises';

import { endpointConfigurationSchema, type EndpointConfiguration } from '../contract/endpoint-configuration';
import { ServeConfigurationError } from '../server/serve-configuration';

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
