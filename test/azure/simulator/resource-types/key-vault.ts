import { AzureError } from '../azure-error';
import type { ResourceType } from '../resource-type';

export const keyVault: Readonly<Record<string, ResourceType>> = {
  'Microsoft.KeyVault/vaults': {
    beforeWrite: ({ name, properties }, { deletedVaults }) => {
      if (deletedVaults.has(name.toLowerCase()) && properties.createMode !== 'recover') {
        throw new AzureError(
          409,
          'ConflictError',
          `A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault ${name}.`,
        );
      }
      deletedVaults.delete(name.toLowerCase());
      properties.vaultUri = `https://${name}.vault.azure.net/`;
      delete properties.createMode;
    },
    defaults: () => ({
      properties: {
        accessPolicies: [],
        publicNetworkAccess: 'Enabled',
        enableSoftDelete: true,
        softDeleteRetentionInDays: 90,
      },
    }),
    afterRemove: (vault, { deletedVaults }) => {
      deletedVaults.set(vault.name.toLowerCase(), vault);
    },
  },
  // What they are is in the data plane; roles are assigned to their ids.
  'Microsoft.KeyVault/vaults/secrets': { implicit: {} },
};
