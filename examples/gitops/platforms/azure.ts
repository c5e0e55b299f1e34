import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { AzurermBackend } from 'cdktf';
import {
  Accelerator,
  AksCompute,
  AzapiProvider,
  DnsZone,
  ScoringCluster,
  SslSettings,
  Workspace,
} from 'cdktf-brainwave';

import type { Platform } from './platform';

// Your settings. None of them is secret: the pipelines read them from their variables.
const {
  STATE_STORAGE_ACCOUNT: storageAccountName = 'examplestate',
  SCORING_DOMAIN: domain = 'example.com',
  SCORING_LOCATION: location = 'eastus',
  CERTIFICATE_VAULT_ID:
    keyVaultId = '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/certificates/providers/Microsoft.KeyVault/vaults/example',
} = process.env;

/**
 * A cluster on AKS with a GPU. The certificate is in a key vault and Terraform generates the keys, so the pipeline stores no
 * secrets. It logs in with OIDC (`ARM_USE_OIDC` and related variables).
 */
export const azure: Platform = (stack) => {
  new AzurermBackend(stack, {
    resourceGroupName: 'terraform-state',
    storageAccountName,
    containerName: 'tfstate',
    key: 'scoring.tfstate',
    useAzureadAuth: true,
  });
  new AzurermProvider(stack, 'azurerm', {
    // Application Insights creates an action group in the workspace's resource group that Terraform does not manage;
    // without this setting, destroy refuses to delete the group.
    features: [{ resourceGroup: [{ preventDeletionIfContainsResources: false }] }],
    // Read and write files with roles: the keys of the storage account are disabled.
    storageUseAzuread: true,
  });
  new AzapiProvider(stack, 'azapi');

  const workspace = new Workspace(stack, 'Workspace', { location });
  const cluster = new ScoringCluster(stack, 'Cluster', {
    workspace,
    accelerator: Accelerator.gpu('Standard_NC4as_T4_v3'),
  });
  return {
    workspace,
    compute: new AksCompute({ cluster }),
    ssl: SslSettings.fromKeyVaultCertificate({
      keyVaultId,
      certificateName: 'scoring',
      hostname: `scoring.${domain}`,
    }),
    dnsZone: DnsZone.fromDnsZoneAttributes(stack, 'Zone', { zoneName: domain, resourceGroupName: 'dns' }),
  };
};
