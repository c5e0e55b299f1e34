import type { ITerraformDependable, TerraformProvider } from 'cdktf';
import type { IConstruct } from 'constructs';

import type { AzureIdentity } from '../azure/azure-resource';

/** An environment of Azure Container Apps: the network, the log and the machines that its apps share. */
export interface IContainerAppsEnvironment extends IConstruct {
  readonly environmentId: string;
  readonly resourceGroupName: string;
  /** Azure region. */
  readonly location: string;
  /** Domain of the names that Azure gives to the apps. */
  readonly defaultDomain: string;
  /** Value of the TXT records with which Azure verifies your own host names. */
  readonly domainVerificationId: string;
  /** Whether the environment is in a virtual network of yours, which TCP ingress from outside requires. */
  readonly hasNetwork: boolean;
  /** Whether only the virtual network reaches the environment. */
  readonly isInternal: boolean;
  /** Names of the workload profiles. @default - unknown to the stack */
  readonly workloadProfileNames?: string[] | undefined;
  /** azurerm provider, if the stack has several. @default - the provider without an alias */
  readonly provider?: TerraformProvider | undefined;
  /** azapi provider, if the stack has several. @default - the provider without an alias */
  readonly azapiProvider?: TerraformProvider | undefined;
  /** Resources that must exist before an app. */
  readonly dependables: ITerraformDependable[];

  /**
   * Returns the identity with which the environment reads certificates in key vaults.
   * @throws ConstructError if the environment is imported without one
   */
  certificateIdentity(): AzureIdentity;
}
