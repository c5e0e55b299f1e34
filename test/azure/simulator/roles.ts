import { CALLER } from './identity';
import { isObject, objectOf, textOf } from './json';
import type { Azure } from './resource-type';

/**
 * Built-in roles by name. The simulator knows those that stacks of this library name: a misspelled role is not found.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
export const BUILT_IN_ROLES: Readonly<Record<string, string>> = {
  Owner: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
  Contributor: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
  Reader: 'acdd72a7-3385-48ef-bd42-f606fba81ae7',
  AcrPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d',
  AcrPush: '8311e382-0749-4cb8-b61a-304f252e45ec',
  'Azure Kubernetes Service RBAC Cluster Admin': 'b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b',
  'Application Insights Component Contributor': 'ae349356-3a1b-4a5e-921d-050484c6347e',
  'Container Registry Tasks Contributor': 'fb382eab-e894-4461-af04-94435c366c3f',
  'Key Vault Contributor': 'f25e0fa2-a7c8-4377-a976-54943a77a395',
  'Private DNS Zone Contributor': 'b12aa53e-6015-4669-85d0-8515ebb3ae7f',
  'Network Contributor': '4d97b98b-1d4f-4787-a291-c67834d212e7',
  'Storage Account Contributor': '17d1049b-9a84-46fb-8f53-869881c3d3ab',
  'Storage Blob Data Contributor': 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
  'Storage Blob Data Owner': 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
  'Storage Blob Data Reader': '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1',
  'Key Vault Administrator': '00482a5a-887f-4fb3-b363-3b7fe8e74483',
  'Key Vault Secrets Officer': 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
  'Key Vault Secrets User': '4633458b-17de-408a-b874-0445c86b69e6',
  'Key Vault Certificates Officer': 'a4417e6f-fecd-4de8-b567-7b0420556985',
  'Key Vault Certificate User': 'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba',
  'Role Based Access Control Administrator': 'f58310d9-a9f6-439a-9e8d-f62e7b41a168',
};

const ROLE_NAMES = new Map(Object.entries(BUILT_IN_ROLES).map(([name, id]) => [id, name]));

/** Whether a principal has one of the roles at a scope or above it. */
export function hasRole(azure: Azure, principalId: string, scope: string, roles: readonly string[]): boolean {
  const wanted = `${scope}/`.toLowerCase();
  for (const { type, properties } of azure.all()) {
    if (type.toLowerCase() !== 'microsoft.authorization/roleassignments') {
      continue;
    }
    const assigned = `${textOf(properties.scope).replace(/\/+$/, '')}/`.toLowerCase();
    const role = ROLE_NAMES.get(textOf(properties.roleDefinitionId).split('/').at(-1) ?? '');
    if (
      properties.principalId === principalId &&
      wanted.startsWith(assigned) &&
      role !== undefined &&
      roles.includes(role)
    ) {
      return true;
    }
  }
  return false;
}

/** Whether an object id is the caller's or a managed identity's. */
export function isPrincipal(azure: Azure, objectId: string): boolean {
  if (objectId === CALLER.objectId) {
    return true;
  }
  for (const { identity, properties } of azure.all()) {
    const kubelet = Object.values(objectOf(properties.identityProfile)).filter(isObject);
    const ids = [
      objectOf(identity).principalId,
      properties.principalId,
      ...kubelet.map((each) => each.objectId),
    ];
    if (ids.includes(objectId)) {
      return true;
    }
  }
  return false;
}
