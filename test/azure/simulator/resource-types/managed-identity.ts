import { CALLER, guid } from '../identity';
import type { ResourceType } from '../resource-type';

export const managedIdentity: Readonly<Record<string, ResourceType>> = {
  'Microsoft.ManagedIdentity/userAssignedIdentities': {
    beforeWrite: (resource) => {
      resource.properties = {
        principalId: guid(resource.id, 'principal'),
        clientId: guid(resource.id, 'client'),
        tenantId: CALLER.tenantId,
      };
    },
  },
};
