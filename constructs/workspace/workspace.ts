import type { TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import {
  ApplicationInsights,
  ContainerRegistry,
  KeyVault,
  LogAnalyticsWorkspace,
  type MonitorDiagnosticSetting,
  ResourceGroup,
  RoleAssignment,
  StorageAccount,
  UserAssignedIdentity,
} from '../bindings/azurerm';
import { AzapiResource } from '../azapi/azapi-resource';
import type { AzureContainerRegistry, AzureIdentity, AzureResource } from '../azure/azure-resource';
import { AZURE_NAMES, azureName, globalAzureName } from '../azure/azure-name';
import { clientConfig } from '../azure/client-config';
import { Environment, type EnvironmentSettings } from '../azure/environment';
import { requireLogAnalytics, resourceLogs } from '../azure/resource-logs';
import type { NetworkIsolation } from '../network/network-isolation';
import { requireProvidersInStack } from '../terraform/stack-providers';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireNumber } from '../validation/synth-value';
import { registerServiceDefinition } from './registered-files';
import { ImportedWorkspace, WORKSPACE_TYPE, type WorkspaceAttributes } from './imported-workspace';
import { isolateResources } from './isolated-resources';
import { warnOfProviderSettings } from './provider-settings';
import { readWorkspaceConfig, type WorkspaceConfigProps } from './workspace-config';
import type {
  AzureWorkspace,
  IWorkspace,
  ModelRegistration,
  RegisteredModelLocation,
} from './workspace-reference';

/**
 * Properties of a workspace. Its storage account, key vault, Application Insights and container registry cannot be
 * changed: changing one of them replaces the workspace, including everything registered in it.
 */
export interface WorkspaceProps {
  /** Azure region, for example `westeurope`. */
  readonly location: string;
  /**
   * Availability, logs and their costs, of the workspace and of the clusters that use it.
   * @default Environment.development()
   */
  readonly environment?: Environment | undefined;
  /** @default - derived from the construct's path */
  readonly name?: string | undefined;
  /**
   * Name of an existing resource group.
   * @default - a resource group is created
   */
  readonly resourceGroupName?: string | undefined;
  /**
   * Existing storage account.
   * @default - a storage account is created that rejects account keys, HTTP, TLS below 1.2 and public blobs, and keeps
   * deleted blobs for 30 days
   */
  readonly storageAccount?: AzureResource | undefined;
  /**
   * Name of the created storage account.
   * @default - derived from the construct's path and the subscription
   */
  readonly storageAccountName?: string | undefined;
  /**
   * Whether the account keys of the created storage account are enabled. The workspace and its default datastores use
   * managed identities and need no keys. Nor does azurerm, if the provider has `storageUseAzuread`.
   * @default false
   * @see https://learn.microsoft.com/azure/machine-learning/how-to-disable-local-auth-storage
   */
  readonly storageKeysEnabled?: boolean | undefined;
  /**
   * Existing key vault.
   * @default - a key vault is created, with roles instead of access policies, purge protection and soft delete
   */
  readonly keyVault?: AzureResource | undefined;
  /**
   * Name of the created key vault.
   * @default - derived from the construct's path and the subscription
   */
  readonly keyVaultName?: string | undefined;
  /**
   * Number of days for which the created key vault retains deleted objects, 7 to 90. It cannot be changed later: azurerm
   * rejects the change.
   * @default 90
   */
  readonly keyVaultRetentionDays?: number | undefined;
  /**
   * ARM id of an existing Application Insights resource.
   * @default - an Application Insights resource is created
   */
  readonly applicationInsightsId?: string | undefined;
  /**
   * ARM id of the Log Analytics workspace in which the created Application Insights stores its data.
   * @default - a Log Analytics workspace is created
   */
  readonly logAnalyticsWorkspaceId?: string | undefined;
  /**
   * Existing container registry.
   * @default - a container registry is created, without an admin user
   */
  readonly containerRegistry?: AzureContainerRegistry | undefined;
  /**
   * Name of the created container registry.
   * @default - derived from the construct's path and the subscription
   */
  readonly containerRegistryName?: string | undefined;
  /**
   * Managed identity that the workspace uses to access its resources.
   * @default - an identity is created
   */
  readonly identity?: AzureIdentity | undefined;
  /**
   * Whether to assign the identity its roles. The deploying identity must then be allowed to assign roles.
   * @default true
   */
  readonly grantRoles?: boolean | undefined;
  /**
   * Whether destroying the workspace purges it. Otherwise Azure keeps it for 14 days and reserves its name.
   * @default - true if the storage account is created: without it, a deleted workspace cannot be recovered
   * @see https://learn.microsoft.com/azure/machine-learning/concept-soft-delete
   */
  readonly purgeOnDestroy?: boolean | undefined;
  /**
   * Who can reach the workspace, its created storage account, key vault and container registry. A `ScoringCluster` of the
   * workspace is isolated in the same way.
   * @default - any network; authorization is required in any case
   */
  readonly networkIsolation?: NetworkIsolation | undefined;
  /**
   * Whether the workspace can be reached from public networks. Authorization is required in any case.
   * @default true; false with `networkIsolation`
   */
  readonly publicNetworkAccess?: boolean | undefined;
  /** @default - none */
  readonly description?: string | undefined;
  /** @default - none */
  readonly tags?: Record<string, string> | undefined;
  /**
   * azurerm provider to use, if the stack has several.
   * @default - the one without an alias
   */
  readonly provider?: TerraformProvider | undefined;
  /**
   * azapi provider to use, if the stack has several.
   * @default - the one without an alias
   */
  readonly azapiProvider?: TerraformProvider | undefined;
}

const WORKSPACE_PROPS: KnownKeys<WorkspaceProps> = {
  location: true,
  environment: true,
  name: true,
  resourceGroupName: true,
  storageAccount: true,
  storageAccountName: true,
  storageKeysEnabled: true,
  keyVault: true,
  keyVaultName: true,
  keyVaultRetentionDays: true,
  applicationInsightsId: true,
  logAnalyticsWorkspaceId: true,
  containerRegistry: true,
  containerRegistryName: true,
  identity: true,
  grantRoles: true,
  purgeOnDestroy: true,
  networkIsolation: true,
  publicNetworkAccess: true,
  description: true,
  tags: true,
  provider: true,
  azapiProvider: true,
};

/**
 * An Azure Machine Learning workspace with the resources that it requires: storage account, key vault, Application Insights
 * and container registry. Its managed identity has only the roles that Azure requires, and only on these resources.
 * @see https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication
 */
export class Workspace extends Construct implements IWorkspace {
  /**
   * Imports the workspace in Azure ML's `config.json`. Searches as the SDK does: in the folder, in its subfolder `.azureml`,
   * and then in the parent folders.
   * @throws ConstructError if the file does not exist or does not identify a workspace
   */
  static fromConfig(scope: Construct, id: string, props: WorkspaceConfigProps = {}): IWorkspace {
    return new ImportedWorkspace(scope, id, readWorkspaceConfig(scope, props));
  }

  /** Imports a workspace that exists or that another stack declares. */
  static fromWorkspaceAttributes(scope: Construct, id: string, attributes: WorkspaceAttributes): IWorkspace {
    return new ImportedWorkspace(scope, id, attributes);
  }

  readonly workspaceName: string;
  readonly azure?: AzureWorkspace | undefined;
  /** Declared with azapi, because azurerm cannot set `systemDatastoresAuthMode`. */
  readonly resource: AzapiResource;
  /** `undefined` if an existing one is used, like the properties below. */
  readonly resourceGroup?: ResourceGroup | undefined;
  readonly storageAccount?: StorageAccount | undefined;
  readonly keyVault?: KeyVault | undefined;
  readonly logAnalyticsWorkspace?: LogAnalyticsWorkspace | undefined;
  readonly applicationInsights?: ApplicationInsights | undefined;
  readonly containerRegistry?: ContainerRegistry | undefined;
  readonly identity?: UserAssignedIdentity | undefined;
  /** Role assignments of the identity. */
  readonly roleAssignments: RoleAssignment[];
  /** Resource logs that are sent to Log Analytics. */
  readonly diagnosticSettings: MonitorDiagnosticSetting[];

  private readonly common: CommonArguments;
  private readonly environment: EnvironmentSettings;

  constructor(scope: Construct, id: string, props: WorkspaceProps) {
    super(scope, id);
    requireKnownProps(this, props, WORKSPACE_PROPS);
    requireProvidersInStack(this);
    const { location, provider, azapiProvider, tags, networkIsolation } = props;
    const { environment = Environment.development() } = props;
    requireOneSource(this, props);
    requirePrivateSettings(this, props);
    this.environment = environment.bind(this);
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
    this.resource = this.makeWorkspace(props, identity, {
      storageAccount: storage.id,
      keyVault: vault.id,
      applicationInsights: applicationInsightsId,
      containerRegistry: registry.id,
    });
    const dependables = networkIsolation
      ? isolateResources(
          this,
          networkIsolation,
          {
            workspace: this.resource,
            storage: this.storageAccount,
            vault: this.keyVault,
            registry: this.containerRegistry,
          },
          this.common,
        )
      : [];
    warnOfProviderSettings(this, provider);
    this.workspaceName = this.resource.name;
    const logAnalyticsWorkspaceId = this.logAnalyticsWorkspace?.id ?? props.logAnalyticsWorkspaceId;
    this.diagnosticSettings = this.environment.diagnostics
      ? this.keepLogs(
          { storage: storage.id, vault: vault.id, registry: registry.id },
          this.environment.logAnalyticsWorkspaceId ?? logAnalyticsWorkspaceId,
        )
      : [];
    this.azure = {
      workspaceId: this.resource.id,
      resourceGroupName,
      location,
      containerRegistryId: registry.id,
      containerRegistryLoginServer: registry.loginServer,
      logAnalyticsWorkspaceId,
      environment,
      keyVaultId: vault.id,
      createsKeyVault: this.keyVault !== undefined,
      storageAccountId: storage.id,
      storageAccountName: storage.name,
      datastoreIdentity: 'WorkspaceUserAssignedIdentity',
      networkIsolation,
      buildAgentPoolName:
        props.containerRegistry === undefined
          ? this.containerRegistry &&
            networkIsolation?.bindBuilds(this, this.containerRegistry.name, this.common)
          : props.containerRegistry.agentPoolName,
      dependables,
      provider,
      azapiProvider,
    };
  }

  /** Declares the resources that register a model version in `scope`. `RegisteredModel` calls it. */
  registerModel(scope: Construct, registration: ModelRegistration): RegisteredModelLocation {
    return registerServiceDefinition(scope, this, registration);
  }

  private makeWorkspace(
    props: WorkspaceProps,
    identity: AzureIdentity,
    parts: Readonly<Record<string, string>>,
  ): AzapiResource {
    const { location, description, tags, azapiProvider, networkIsolation } = props;
    const { purgeOnDestroy = this.storageAccount !== undefined, publicNetworkAccess = !networkIsolation } =
      props;
    const workspace = new AzapiResource(this, 'Resource', {
      type: WORKSPACE_TYPE,
      name: azureName(this, AZURE_NAMES.workspace, props.name),
      parentId: this.resourceGroupId,
      location,
      identity: { type: 'UserAssigned', identityIds: [identity.id] },
      body: {
        kind: 'Default',
        sku: { name: 'Basic', tier: 'Basic' },
        properties: {
          ...parts,
          primaryUserAssignedIdentity: identity.id,
          // Set when the workspace is created, which would otherwise create its datastores with the account's keys.
          systemDatastoresAuthMode: 'identity',
          publicNetworkAccess: publicNetworkAccess ? 'Enabled' : 'Disabled',
          description,
        },
      },
      tags,
      provider: azapiProvider,
      // Without these roles, creating the workspace fails or results in a broken workspace.
      dependsOn: this.roleAssignments,
    });
    workspace.addOverride(
      'replace_triggers_refs',
      Object.keys(parts).map((name) => `properties.${name}`),
    );
    // Azure returns the ids of the resources in other cases than those they were set with.
    workspace.addOverride('ignore_casing', true);
    if (purgeOnDestroy) {
      workspace.addOverride('delete_query_parameters', { forceToPurge: ['true'] });
    }
    return workspace;
  }

  private get resourceGroupId(): string {
    const { resourceGroupName, provider } = this.common;
    return (
      this.resourceGroup?.id ??
      `/subscriptions/${clientConfig(this, provider).subscriptionId}/resourceGroups/${resourceGroupName}`
    );
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
      accountReplicationType: this.environment.storageReplication,
      minTlsVersion: 'TLS1_2',
      httpsTrafficOnlyEnabled: true,
      allowNestedItemsToBePublic: false,
      crossTenantReplicationEnabled: false,
      localUserEnabled: false,
      ...(props.networkIsolation && {
        publicNetworkAccessEnabled: false,
        networkRules: { defaultAction: 'Deny', bypass: TRUSTED_SERVICES },
      }),
      sharedAccessKeyEnabled: props.storageKeysEnabled ?? false,
      defaultToOauthAuthentication: true,
      // Without keys, only user delegation keys sign. The policy logs signatures that are valid for longer.
      sasPolicy: { expirationPeriod: '01.00:00:00' },
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
      ...(props.networkIsolation && {
        publicNetworkAccessEnabled: false,
        networkAcls: { defaultAction: 'Deny', bypass: TRUSTED_SERVICES.join() },
      }),
    });
  }

  private makeContainerRegistry(props: WorkspaceProps): ContainerRegistry {
    const { networkIsolation } = props;
    const { containerRegistrySku, zones = [] } = this.environment;
    // Private endpoints need it.
    const sku = networkIsolation ? 'Premium' : containerRegistrySku;
    return new ContainerRegistry(this, 'ContainerRegistry', {
      ...this.common,
      name: globalAzureName(this, AZURE_NAMES.containerRegistry, {
        given: props.containerRegistryName,
        property: 'containerRegistryName',
        provider: props.provider,
      }),
      sku,
      adminEnabled: false,
      anonymousPullEnabled: false,
      ...(networkIsolation && {
        publicNetworkAccessEnabled: false,
        networkRuleBypassOption: TRUSTED_SERVICES.join(),
      }),
      ...(sku === 'Premium' && {
        zoneRedundancyEnabled: zones.length > 0,
        retentionPolicyInDays: 30,
        dataEndpointEnabled: true,
      }),
    });
  }

  private makeLogAnalytics(): LogAnalyticsWorkspace {
    return new LogAnalyticsWorkspace(this, 'LogAnalytics', {
      ...this.common,
      name: azureName(this, AZURE_NAMES.logAnalyticsWorkspace),
      sku: 'PerGB2018',
      retentionInDays: this.environment.logRetentionDays,
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

  private keepLogs(
    { storage, vault, registry }: Readonly<Record<'storage' | 'vault' | 'registry', string>>,
    logAnalyticsId: string | undefined,
  ): MonitorDiagnosticSetting[] {
    const { provider } = this.common;
    const destination = {
      logAnalyticsWorkspaceId: requireLogAnalytics(this, 'diagnostics', logAnalyticsId),
      provider,
    };
    const allLogs = [{ categoryGroup: 'allLogs' }];
    return [
      resourceLogs(this, 'Logs', this.resource.id, destination, allLogs),
      resourceLogs(this, 'KeyVaultLogs', vault, destination, [{ categoryGroup: 'audit' }]),
      resourceLogs(this, 'ContainerRegistryLogs', registry, destination, allLogs),
      // Of the blobs, the only service of the account that stacks use.
      resourceLogs(this, 'BlobLogs', `${storage}/blobServices/default`, destination, allLogs),
    ];
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

/** Azure ML's control plane, which is not in the network, reaches the resources with the identity of the workspace. */
const TRUSTED_SERVICES = ['AzureServices'];

interface CommonArguments {
  readonly location: string;
  readonly resourceGroupName: string;
  readonly tags?: Record<string, string> | undefined;
  readonly provider?: TerraformProvider | undefined;
}

type RoleScopes = Readonly<Record<'storage' | 'vault' | 'registry' | 'insights', string>>;

/**
 * What the workspace's identity does, and the narrowest built-in role for it, on that resource alone. Azure's list of
 * required permissions names `Contributor` for each resource, of which these roles contain the actions on it, and `Key Vault
 * Administrator`, which is needed only for keys that encrypt a workspace.
 * @see https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication#workspace
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
const ROLES: readonly { readonly id: string; readonly on: keyof RoleScopes; readonly role: string }[] = [
  // Configures the storage account and creates the containers and file shares of the default datastores.
  { id: 'StorageRole', on: 'storage', role: 'Storage Account Contributor' },
  // Reads registered models and code, and writes logs and artifacts.
  { id: 'BlobRole', on: 'storage', role: 'Storage Blob Data Contributor' },
  // Reads the vault's settings. Includes no access to its content.
  { id: 'KeyVaultRole', on: 'vault', role: 'Key Vault Contributor' },
  // Stores the keys of endpoints, and the credentials of datastores and connections that have some.
  { id: 'SecretsRole', on: 'vault', role: 'Key Vault Secrets Officer' },
  // Builds the images of environments.
  { id: 'BuildRole', on: 'registry', role: 'Container Registry Tasks Contributor' },
  // Pushes the images of environments, and pulls them for deployments.
  { id: 'RegistryRole', on: 'registry', role: 'AcrPush' },
  // Reads the connection string that endpoints and jobs write metrics with.
  { id: 'InsightsRole', on: 'insights', role: 'Application Insights Component Contributor' },
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
        `${handedIn} and ${ofNew} are both set, but ${ofNew} applies only to a new resource; remove one of them`,
      );
    }
  }
}

function requirePrivateSettings(
  scope: Construct,
  { networkIsolation, publicNetworkAccess }: WorkspaceProps,
): void {
  if (networkIsolation && publicNetworkAccess === true) {
    throw new ConstructError(
      scope,
      'publicNetworkAccess is true, but networkIsolation turns public access off; remove one of them',
    );
  }
}
