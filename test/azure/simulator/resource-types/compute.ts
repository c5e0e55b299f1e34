import { AzureError } from '../azure-error';
import { guid, now } from '../identity';
import { isObject, objectOf, textOf } from '../json';
import { agreementId } from '../marketplace';
import { subscriptionId } from '../resource-id';
import type { Azure, Resource, ResourceType } from '../resource-type';

export const compute: Readonly<Record<string, ResourceType>> = {
  'Microsoft.Compute/images': {},
  'Microsoft.Compute/virtualMachineScaleSets': {
    beforeWrite: (scaleSet, azure) => {
      requireAcceptedTerms(scaleSet, azure);
      const { properties } = scaleSet;
      if (!Object.values(objectOf(properties.additionalCapabilities)).some((enabled) => enabled === true)) {
        delete properties.additionalCapabilities;
      }
      const { osProfile } = objectOf(properties.virtualMachineProfile);
      if (isObject(osProfile)) {
        // Azure never returns them.
        delete osProfile.customData;
        delete osProfile.adminPassword;
        osProfile.allowExtensionOperations ??= true;
        osProfile.secrets ??= [];
      }
    },
    defaults: ({ id }) => ({
      sku: { tier: 'Standard' },
      properties: {
        uniqueId: guid(id),
        overprovision: true,
        singlePlacementGroup: true,
        platformFaultDomainCount: 5,
        doNotRunExtensionsOnOverprovisionedVMs: false,
        orchestrationMode: 'Uniform',
        timeCreated: now(),
      },
    }),
    show: ({ properties }, _azure, request) => {
      if (request?.method === 'GET' && !/userdata/i.test(request.query.get('$expand') ?? '')) {
        delete objectOf(properties.virtualMachineProfile).userData;
      }
    },
  },
};

function requireAcceptedTerms({ id, plan }: Resource, azure: Azure): void {
  if (!isObject(plan)) {
    return;
  }
  const agreement = agreementId({
    subscriptionId: subscriptionId(id),
    publisher: textOf(plan.publisher),
    offer: textOf(plan.product),
    plan: textOf(plan.name),
  });
  if (!azure.find(agreement)) {
    throw new AzureError(
      400,
      'MarketplacePurchaseEligibilityFailed',
      `Legal terms have not been accepted for this item on this subscription: ${JSON.stringify(plan)}`,
    );
  }
}
