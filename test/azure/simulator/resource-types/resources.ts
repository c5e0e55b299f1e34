import type { ResourceType } from '../resource-type';

export const resources: Readonly<Record<string, ResourceType>> = {
  'Microsoft.Resources/resourceGroups': {},
};
