import { ServiceDefinitionError } from '../../../lib/service-definition/service-definition-content';
import { readServiceDefinition } from '../../../lib/service-definition/zip-reader';
import { refusesWith } from '../refusal';

const limits = { maxEntryBytes: 2 ** 20, maxTotalBytes: 2 ** 21, maxEntries: 50 };

/** A zip is read within its limits, or refused as no service definition. */
export async function fuzz(data: Buffer): Promise<void> {
  const content = await refusesWith([ServiceDefinitionError], () => readServiceDefinition(data, limits));
  for (const [name, bytes] of content?.files ?? []) {
    if (bytes.length > limits.maxEntryBytes || name.startsWith('/') || name.split('/').includes('..')) {
      throw new Error(`accepted ${JSON.stringify(name)} of ${bytes.length} bytes`);
    }
  }
}
