import type { TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';

import { DataAzapiResourceAction } from '../azapi/data-azapi-resource-action';

/** @internal */
export const ENDPOINT_TYPE = 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints@2025-06-01';

/**
 * Keys of an endpoint. Terraform reads them at each refresh, so keys that were regenerated on Azure arrive with the next
 * apply.
 * @internal
 */
export function endpointKeys(
  scope: Construct,
  resourceId: string,
  provider: TerraformProvider | undefined,
): DataAzapiResourceAction {
  return new DataAzapiResourceAction(scope, 'Keys', {
    type: ENDPOINT_TYPE,
    resourceId,
    action: 'listKeys',
    method: 'POST',
    sensitiveResponseExportValues: ['primaryKey', 'secondaryKey'],
    provider,
  });
}
