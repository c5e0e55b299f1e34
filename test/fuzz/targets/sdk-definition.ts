import { convertSdkDefinition } from '../../../lib/service-definition/azure-ml-sdk/convert-definition';
import { ServiceDefinitionError } from '../../../lib/service-definition/service-definition-content';
import { refusesWith } from '../refusal';

/** A definition that an old SDK may have written is converted, or refused with what is wrong. */
export async function fuzz(data: Buffer): Promise<void> {
  let json: unknown;
  try {
    json = JSON.parse(data.toString('utf8'));
  } catch {
    return;
  }
  await refusesWith([ServiceDefinitionError], () =>
    convertSdkDefinition(json, 'manifest.json', new Map([['model', Buffer.from('text')]])),
  );
}
