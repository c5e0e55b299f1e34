/**
 * The resource providers that azurerm registers by itself. Others must be named to it.
 *
 * @see https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs#resource-provider-registrations
 */
export const REGISTERED_BY_PROVIDER = [
  'Microsoft.Authorization',
  'Microsoft.Compute',
  'Microsoft.ContainerInstance',
  'Microsoft.ContainerRegistry',
  'Microsoft.ContainerService',
  'microsoft.insights',
  'Microsoft.KeyVault',
  'Microsoft.MachineLearningServices',
  'Microsoft.ManagedIdentity',
  'Microsoft.MarketplaceOrdering',
  'Microsoft.Network',
  'Microsoft.OperationalInsights',
  'Microsoft.OperationsManagement',
  'Microsoft.PolicyInsights',
  'Microsoft.Resources',
  'Microsoft.Storage',
  'Microsoft.Web',
] as const;

/** All that a subscription may register. azurerm compares their names with case. */
export const RESOURCE_PROVIDERS: readonly string[] = [
  ...REGISTERED_BY_PROVIDER,
  'Microsoft.AlertsManagement',
  'Microsoft.App',
  'Microsoft.KubernetesConfiguration',
  'Microsoft.Monitor',
];
