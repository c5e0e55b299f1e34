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

import { certificate, location, stateOf, zone } from '../azure-settings';
import type { Platform } from './platform';

/**
 * A cluster on AKS with a GPU. The certificate is in a key vault, where `CertificateStack` renews it, and Terraform generates the keys,
 * so the pipeline stores no secrets. It logs in with OIDC (`ARM_USE_OIDC` and related variables).
 */
export const azure: Platform = (stack) => {
  new AzurermBackend(stack, stateOf('scoring'));
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
    ssl: SslSettings.fromKeyVaultCertificate(certificate),
    dnsZone: DnsZone.fromDnsZoneAttributes(stack, 'Zone', zone),
  };
};
