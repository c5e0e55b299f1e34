// Your settings. None of them is secret: the pipelines read them from their variables.
const {
  STATE_STORAGE_ACCOUNT: storageAccountName = 'examplestate',
  SCORING_DOMAIN: domain = 'example.com',
  SCORING_LOCATION: location = 'eastus',
  CERTIFICATE_VAULT_ID:
    keyVaultId = '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/certificates/providers/Microsoft.KeyVault/vaults/example',
} = process.env;

export { location };

/** Certificate of the service in the key vault: one stack orders it, the other uses it. */
export const certificate = { keyVaultId, certificateName: 'scoring', hostname: `scoring.${domain}` };

/** Public DNS zone of the host name. */
export const zone = { zoneName: domain, resourceGroupName: 'dns' };

/** Each state is in a container of its own, because whoever may read a state may read its secrets. */
export const stateOf = (stack: string) => ({
  resourceGroupName: 'terraform-state',
  storageAccountName,
  containerName: stack,
  key: 'terraform.tfstate',
  useAzureadAuth: true,
});
