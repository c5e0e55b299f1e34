import { createHash } from 'node:crypto';

import { guid, now } from '../identity';
import { ensureObject, textOf, type Json } from '../json';
import type { Resource, ResourceType } from '../resource-type';

export const storage: Readonly<Record<string, ResourceType>> = {
  'Microsoft.Storage/storageAccounts': {
    defaults: ({ name, location, sku }) => ({
      sku: { tier: textOf((sku as { name?: Json } | undefined)?.name).split('_')[0] },
      properties: {
        primaryEndpoints: {
          ...Object.fromEntries(
            ['blob', 'queue', 'table', 'file', 'dfs'].map((service) => [
              service,
              `https://${name}.${service}.core.windows.net/`,
            ]),
          ),
          web: `https://${name}.z6.web.core.windows.net/`,
        },
        primaryLocation: location,
        statusOfPrimary: 'available',
        creationTime: now(),
        accessTier: 'Hot',
        networkAcls: {
          bypass: 'AzureServices',
          defaultAction: 'Allow',
          ipRules: [],
          virtualNetworkRules: [],
        },
        encryption: {
          keySource: 'Microsoft.Storage',
          services: {
            blob: { enabled: true, keyType: 'Account' },
            file: { enabled: true, keyType: 'Account' },
          },
        },
      },
    }),
    actions: { listkeys: (account) => ({ keys: ['key1', 'key2'].map((name) => accessKey(account, name)) }) },
  },
  'Microsoft.Storage/storageAccounts/blobServices': {
    implicit: {
      cors: { corsRules: [] },
      deleteRetentionPolicy: { enabled: false },
    },
  },
  'Microsoft.Storage/storageAccounts/fileServices': {
    implicit: { cors: { corsRules: [] }, shareDeleteRetentionPolicy: { enabled: true, days: 7 } },
  },
  'Microsoft.Storage/storageAccounts/queueServices': { implicit: { cors: { corsRules: [] } } },
  'Microsoft.Storage/storageAccounts/tableServices': { implicit: { cors: { corsRules: [] } } },
  'Microsoft.Storage/storageAccounts/blobServices/containers': {
    beforeWrite: ({ properties }) => {
      ensureObject(properties, 'metadata');
    },
  },
};

function accessKey({ id }: Resource, name: string): Json {
  const value = createHash('sha512').update(guid(id, name)).digest('base64');
  return { keyName: name, value, permissions: 'FULL', creationTime: now() };
}
