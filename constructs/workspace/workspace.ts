import { ApplicationInsights } from '@cdktf/provider-azurerm/lib/application-insights';
import { ContainerRegistry } from '@cdktf/provider-azurerm/lib/container-registry';
import { KeyVault } from '@cdktf/provider-azurerm/lib/key-vault';
import { LogAnalyticsWorkspace } from '@cdktf/provider-azurerm/lib/log-analytics-workspace';
import { MachineLearningWorkspace } from '@cdktf/provider-azurerm/lib/machine-learning-workspace';
import { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import type { TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import type { AzureContainerRegistry, AzureIdentity, AzureResource } from '../azure/azure-resource';
import { AZURE_NAMES, azureName, globalAzureName } from '../azure/azure-name';
import { clientConfig } from '../azure/client-config';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireNumber } from '../validation/synth-value';
import { registerServiceDefinition } from './registered-files';
import { ImportedWorkspace, type WorkspaceAttributes } from './imported-workspace';
import { warnOfProviderSettings } from './provider-settings';
import { readWorkspaceConfig, type WorkspaceConfigProps } from './workspace-config';
import type {
  AzureWorkspace,
  IWorkspace,
  ModelRegistration,
  RegisteredModelLocation,
} from './workspace-reference';

/**
 * Where a workspace is, and what it works with. It keeps its storage account, key vault, Application Insights and container
 * registry for life: another one of them replaces the workspace, with all that is registered in it.
 *
 * Azure keeps the name of a deleted workspace for 14 days, unless the provider purges it: `features:
 * [{ machineLearning: [{ purgeSoftDeletedWorkspaceOnDestroy: true }] }]` of `AzurermProvider`.
 * @see https://learn.microsoft.com/azure/machine-learning/concept-soft-delete
 */
export interface WorkspaceProps {
  /** `westeurope`, for example. */
  readonly location: string;
  /** @default - made of the construct's path */
  readonly name?: string | undefined;
  /**
   * A resource group that exists.
   * @default - one is made
   */
  readonly resourceGroupName?: string | undefined;
  /** @default - one is made; it refuses HTTP, TLS below 1.2 and public blobs, and keeps what is deleted for 30 days */
  readonly storageAccount?: AzureResource | undefined;
  /**
   * The name of the storage account that is made.
   * @default - made of the construct's path and the subscription
   */
  readonly storageAccountName?: string | undefined;
  /**
   * How the storage account that is made keeps its data: `LRS`, `ZRS`, `GRS`, `GZRS`, … A change between those with and
   * those without `ZRS` replaces the storage account, and with it all models.
   * @default 'LRS'
   */
  readonly storageReplication?: string | undefined;
  /**
   * Whether the keys of the storage account that is made are valid. The workspace reads models as its managed
   * identity and needs none, but its own default datastores do, since azurerm cannot declare them otherwise; and
   * azurerm uploads with them unless the provider has `storageUseAzuread`.
   * @default true
   */
  readonly storageKeysEnabled?: boolean | undefined;
  /** @default - one is made, with roles instead of access policies, purge protection and soft delete */
  readonly keyVault?: AzureResource | undefined;
  /**
   * The name of the key vault that is made.
   * @default - made of the construct's path and the subscription
   */
  readonly keyVaultName?: string | undefined;
  /**
   * Days for which the key vault that is made keeps what is deleted, 7 to 90. A vault keeps its first number: azurerm
   * refuses a change.
   * @default 90
   */
  readonly keyVaultRetentionDays?: number | undefined;
  /** @default - one is made */
  readonly applicationInsightsId?: string | undefined;
  /**
   * Where the Application Insights that is made keeps its data.
   * @default - one is made
   */
  readonly logAnalyticsWorkspaceId?: string | undefined;
  /** @default - one is made, without an admin user */
  readonly containerRegistry?: AzureContainerRegistry | undefined;
  /**
   * The name of the container registry that is made.
   * @default - made of the construct's path and the subscription
   */
  readonly containerRegistryName?: string | undefined;
  /**
   * `Basic`, `Standard` or `Premium`.
   * @default 'Standard'
   */
  readonly containerRegistrySku?: string | undefined;
  /**
   * Who the workspace is towards the others.
   * @default - an identity is made
   */
  readonly identity?: AzureIdentity | undefined;
  /**
   * Whether the identity is given its roles. Whoever deploys must then be allowed to give roles.
   * @default true
   */
  readonly grantRoles?: boolean | undefined;
  /**
   * Whether the workspace answers on public addresses (to those who are authorized).
   * @default true
   */
  readonly publicNetworkAccess?: boolean | undefined;
  /** @default - none */
  readonly description?: string | undefined;
  /** @default - none */
  readonly tags?: Record<string, string> | undefined;
  /**
   * The azurerm provider to use, where the stack has several.
   * @default - the one without an alias
   */
  readonly provider?: TerraformProvider | undefined;
  /**
   * The azapi provider to use, where the stack has several.
   * @default - the one without an alias
   */
  readonly azapiProvider?: TerraformProvider | undefined;
}

const WORKSPACE_PROPS: KnownKeys<WorkspaceProps> = {
  location: true,
  name: true,
  resourceGroupName: true,
  storageAccount: true,
  storageAccountName: true,
  storageReplication: true,
  storageKeysEnabled: true,
  keyVault: true,
  keyVaultName: true,
  keyVaultRetentionDays: true,
  applicationInsightsId: true,
  logAnalyticsWorkspaceId: true,
  containerRegistry: true,
  containerRegistryName: true,
  containerRegistrySku: true,
  identity: true,
  grantRoles: true,
  publicNetworkAccess: true,
  description: true,
  tags: true,
  provider: true,
  azapiProvider: true,
};

/**
 * An Azure Machine Learning workspace with what it needs: storage account, key vault, Application Insights and
 * container registry. Its managed identity has no roles but those that Azure requires ("Set up authentication between
 * Azure Machine Learning and other services"), on these resources only.
 */
export class Workspace extends Construct implements IWorkspace {
  /**
   * The workspace that Azure ML's `config.json` names, found as its SDK does: in the folder, in `.azureml` in it, and
   * so on in the folders above.
   * @throws ConstructError where there is none, or it does not name a workspace
   */
  static fromConfig(scope: Construct, id: string, props: WorkspaceConfigProps = {}): IWorkspace {
    return new ImportedWorkspace(scope, id, readWorkspaceConfig(scope, props));
  }

  /** A workspace that exists, or that another stack declares. */
  static fromWorkspaceAttributes(scope: Construct, id: string, attributes: WorkspaceAttributes): IWorkspace {
    return new ImportedWorkspace(scope, id, attributes);
  }

  readonly workspaceName: string;
  readonly azure: AzureWorkspace;
  readonly resource: MachineLearningWorkspace;
  /** `undefined` where one was handed in; so are those below. */
  readonly resourceGroup?: ResourceGroup | undefined;
  readonly storageAccount?: StorageAccount | undefined;
  readonly keyVault?: KeyVault | undefined;
  readonly logAnalyticsWorkspace?: LogAnalyticsWorkspace | undefined;
  readonly applicationInsights?: ApplicationInsights | undefined;
  readonly containerRegistry?: ContainerRegistry | undefined;
  readonly identity?: UserAssignedIdentity | undefined;
  /** The identity's roles. */
  readonly roleAssignments: RoleAssignment[];

  private readonly common: CommonArguments;

  constructor(scope: Construct, id: string, props: WorkspaceProps) {
    super(scope, id);
    requireKnownProps(this, props, WORKSPACE_PROPS);
    const { location, provider, azapiProvider, tags } = props;
    requireOneSource(this, props);
    if (props.resourceGroupName === undefined) {
      this.resourceGroup = new ResourceGroup(this, 'ResourceGroup', {
        name: azureName(this, AZURE_NAMES.resourceGroup),
        location,
        tags,
        provider,
      });
    }
    const resourceGroupName =
      this.resourceGroup?.name ??
      azureName(this, AZURE_NAMES.resourceGroup, props.resourceGroupName, 'resourceGroupName');
    this.common = { location, resourceGroupName, tags, provider };

    const storage = props.storageAccount ?? (this.storageAccount = this.makeStorageAccount(props));
    const vault = props.keyVault ?? (this.keyVault = this.makeKeyVault(props));
    const registry = props.containerRegistry ?? (this.containerRegistry = this.makeContainerRegistry(props));
    let { applicationInsightsId } = props;
    if (applicationInsightsId === undefined) {
      const logsId =
        props.logAnalyticsWorkspaceId ?? (this.logAnalyticsWorkspace = this.makeLogAnalytics()).id;
      this.applicationInsights = this.makeApplicationInsights(logsId);
      applicationInsightsId = this.applicationInsights.id;
    }
    const identity =
      props.identity ??
      (this.identity = new UserAssignedIdentity(this, 'Identity', {
        ...this.common,
        name: azureName(this, AZURE_NAMES.managedIdentity),
      }));
    this.roleAssignments =
      (props.grantRoles ?? true)
        ? this.grantRoles(identity, {
            storage: storage.id,
            vault: vault.id,
            registry: registry.id,
            insights: applicationInsightsId,
          })
        : [];
    this.resource = new MachineLearningWorkspace(this, 'Resource', {
      ...this.common,
      name: azureName(this, AZURE_NAMES.workspace, props.name),
      storageAccountId: storage.id,
      keyVaultId: vault.id,
      applicationInsightsId,
      containerRegistryId: registry.id,
      identity: { type: 'UserAssigned', identityIds: [identity.id] },
      primaryUserAssignedIdentity: identity.id,
      publicNetworkAccessEnabled: props.publicNetworkAccess ?? true,
      description: props.description,
      // The workspace is refused, or comes up broken, while its identity may not use what it is made of.
      dependsOn: this.roleAssignments,
    });
    warnOfProviderSettings(this, provider);
    this.workspaceName = this.resource.name;
    this.azure = {
      workspaceId: this.resource.id,
      resourceGroupName,
      location,
      containerRegistryId: registry.id,
      containerRegistryLoginServer: registry.loginServer,
      keyVaultId: vault.id,
      createsKeyVault: this.keyVault !== undefined,
      storageAccountId: storage.id,
      storageAccountName: storage.name,
      datastoreIdentity: 'WorkspaceUserAssignedIdentity',
      provider,
      azapiProvider,
    };
  }

  /** Declares, in `scope`, what registers a model version. `RegisteredModel` calls it. */
  registerModel(scope: Construct, registration: ModelRegistration): RegisteredModelLocation {
    return registerServiceDefinition(scope, this, this.azure, registration);
  }

  private makeStorageAccount(props: WorkspaceProps): StorageAccount {
    return new StorageAccount(this, 'Storage', {
      ...this.common,
      name: globalAzureName(this, AZURE_NAMES.storageAccount, {
        given: props.storageAccountName,
        property: 'storageAccountName',
        provider: props.provider,
      }),
      accountKind: 'StorageV2',
      accountTier: 'Standard',
      accountReplicationType: props.storageReplication ?? 'LRS',
      minTlsVersion: 'TLS1_2',
      httpsTrafficOnlyEnabled: true,
      allowNestedItemsToBePublic: false,
      crossTenantReplicationEnabled: false,
      localUserEnabled: false,
      sharedAccessKeyEnabled: props.storageKeysEnabled ?? true,
      defaultToOauthAuthentication: true,
      blobProperties: {
        versioningEnabled: true,
        deleteRetentionPolicy: { days: 30 },
        containerDeleteRetentionPolicy: { days: 30 },
      },
    });
  }

  private makeKeyVault(props: WorkspaceProps): KeyVault {
    const { keyVaultRetentionDays = 90 } = props;
    requireNumber(this, 'keyVaultRetentionDays', keyVaultRetentionDays, wholeNumber(7, 90));
    return new KeyVault(this, 'KeyVault', {
      ...this.common,
      name: globalAzureName(this, AZURE_NAMES.keyVault, {
        given: props.keyVaultName,
        property: 'keyVaultName',
        provider: props.provider,
      }),
      tenantId: clientConfig(this, props.provider).tenantId,
      skuName: 'standard',
      rbacAuthorizationEnabled: true,
      purgeProtectionEnabled: true,
      softDeleteRetentionDays: keyVaultRetentionDays,
    });
  }

  private makeContainerRegistry(props: WorkspaceProps): ContainerRegistry {
    const { containerRegistrySku = 'Standard' } = props;
    return new ContainerRegistry(this, 'ContainerRegistry', {
      ...this.common,
      name: globalAzureName(this, AZURE_NAMES.containerRegistry, {
        given: props.containerRegistryName,
        property: 'containerRegistryName',
        provider: props.provider,
      }),
      sku: containerRegistrySku,
      adminEnabled: false,
      anonymousPullEnabled: false,
    });
  }

  private makeLogAnalytics(): LogAnalyticsWorkspace {
    return new LogAnalyticsWorkspace(this, 'LogAnalytics', {
      ...this.common,
      name: azureName(this, AZURE_NAMES.logAnalyticsWorkspace),
      sku: 'PerGB2018',
      retentionInDays: 30,
    });
  }

  private makeApplicationInsights(workspaceId: string): ApplicationInsights {
    return new ApplicationInsights(this, 'ApplicationInsights', {
      ...this.common,
      name: azureName(this, AZURE_NAMES.applicationInsights),
      applicationType: 'web',
      workspaceId,
    });
  }

  private grantRoles(identity: AzureIdentity, scopes: RoleScopes): RoleAssignment[] {
    const { provider } = this.common;
    return ROLES.map(
      ({ id, on, role }) =>
        new RoleAssignment(this, id, {
          scope: scopes[on],
          roleDefinitionName: role,
          principalId: identity.principalId,
          principalType: 'ServicePrincipal',
          provider,
        }),
    );
  }
}

interface CommonArguments {
  readonly location: string;
  readonly resourceGroupName: string;
  readonly tags?: Record<string, string> | undefined;
  readonly provider?: TerraformProvider | undefined;
}

type RoleScopes = Readonly<Record<'storage' | 'vault' | 'registry' | 'insights', string>>;

/** What Azure requires of a user-assigned identity, resource by resource. */
const ROLES: readonly { readonly id: string; readonly on: keyof RoleScopes; readonly role: string }[] = [
  { id: 'StorageRole', on: 'storage', role: 'Contributor' },
  { id: 'BlobRole', on: 'storage', role: 'Storage Blob Data Contributor' },
  { id: 'KeyVaultRole', on: 'vault', role: 'Contributor' },
  { id: 'SecretsRole', on: 'vault', role: 'Key Vault Administrator' },
  { id: 'RegistryRole', on: 'registry', role: 'Contributor' },
  { id: 'InsightsRole', on: 'insights', role: 'Contributor' },
];

function requireOneSource(scope: Construct, props: WorkspaceProps): void {
  const pairs = [
    ['storageAccount', 'storageAccountName'],
    ['keyVault', 'keyVaultName'],
    ['containerRegistry', 'containerRegistryName'],
    ['applicationInsightsId', 'logAnalyticsWorkspaceId'],
  ] as const;
  for (const [handedIn, ofNew] of pairs) {
    if (props[handedIn] !== undefined && props[ofNew] !== undefined) {
      throw new ConstructError(
        scope,
        `${handedIn} and ${ofNew} are both set, but ${ofNew} is for one that is made; remove one of the two`,
      );
    }
  }
}
