import { AzureError } from '../azure-error';
import { CALLER, now } from '../identity';
import { textOf, type JsonObject } from '../json';
import type { Resource, ResourceType } from '../resource-type';
import { isPrincipal } from '../roles';

export const authorization: Readonly<Record<string, ResourceType>> = {
  'Microsoft.Authorization/roleAssignments': {
    beforeWrite: (resource, azure) => {
      const { properties } = resource;
      properties.scope = resource.id.slice(
        0,
        resource.id.toLowerCase().lastIndexOf('/providers/microsoft.authorization/'),
      );
      const principalId = textOf(properties.principalId);
      if (!isPrincipal(azure, principalId)) {
        throw new AzureError(
          400,
          'PrincipalNotFound',
          `Principal ${principalId} does not exist in the directory ${CALLER.tenantId}.`,
        );
      }
      for (const other of azure.all()) {
        if (isSameAssignment(other, resource)) {
          throw new AzureError(409, 'RoleAssignmentExists', 'The role assignment already exists.');
        }
      }
    },
    defaults: (): JsonObject => ({
      properties: {
        principalType: 'ServicePrincipal',
        createdOn: now(),
        updatedOn: now(),
        createdBy: CALLER.objectId,
      },
    }),
  },
};

function isSameAssignment(other: Resource, resource: Resource): boolean {
  return (
    other.type === resource.type &&
    other.id.toLowerCase() !== resource.id.toLowerCase() &&
    keyOf(other) === keyOf(resource)
  );
}

function keyOf({ properties }: Resource): string {
  const role = textOf(properties.roleDefinitionId).split('/').at(-1) ?? '';
  return `${textOf(properties.scope)} ${textOf(properties.principalId)} ${role}`.toLowerCase();
}
