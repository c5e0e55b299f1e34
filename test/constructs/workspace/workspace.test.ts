import { AzurermProvider, type AzurermProviderConfig } from '@cdktf/provider-azurerm/lib/provider';

import {
  AzapiProvider,
  Environment,
  RegisteredModel,
  Workspace,
  type WorkspaceProps,
} from '../../../constructs';
import { synthStack } from '../../../constructs/testing';
import { expectValidAzapiBodies } from '../../support/azapi-schemas';
import { azureStack, tagAll } from '../support/azure-stack';
import { refusal } from '../support/messages';
import { TerraformJson } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

describe('Workspace', () => {
  let project: TestProject;
  beforeEach(() => {
    project = new TestProject();
  });
  afterEach(() => {
    project.leave();
  });

  it('creates all required resources in a location, with secure defaults', () => {
    const stack = azureStack(project);
    new Workspace(stack, 'Workspace', { location: 'westeurope' });
    const synthesized = new TerraformJson(stack);
    expect(synthesized.only('azurerm_resource_group')).toMatchObject({
      name: 'stack-workspace',
      location: 'westeurope',
    });
    expect(synthesized.only('azurerm_storage_account')).toMatchObject({
      name: expect.stringMatching(/^stackworkspace\$\{substr\(sha256\(/) as string,
      account_kind: 'StorageV2',
      account_tier: 'Standard',
      account_replication_type: 'LRS',
      min_tls_version: 'TLS1_2',
      https_traffic_only_enabled: true,
      allow_nested_items_to_be_public: false,
      cross_tenant_replication_enabled: false,
      local_user_enabled: false,
      shared_access_key_enabled: false,
      default_to_oauth_authentication: true,
      blob_properties: {
        versioning_enabled: true,
        delete_retention_policy: { days: 30 },
        container_delete_retention_policy: { days: 30 },
      },
    });
    expect(synthesized.only('azurerm_key_vault')).toMatchObject({
      name: expect.stringMatching(/^stack-workspace-\$\{substr\(sha256\(/) as string,
      sku_name: 'standard',
      tenant_id: '${data.azurerm_client_config.AzureClient.tenant_id}',
      rbac_authorization_enabled: true,
      purge_protection_enabled: true,
      soft_delete_retention_days: 90,
    });
    expect(synthesized.only('azurerm_container_registry')).toMatchObject({
      sku: 'Standard',
      admin_enabled: false,
      anonymous_pull_enabled: false,
    });
    expect(synthesized.only('azurerm_log_analytics_workspace')).toMatchObject({ sku: 'PerGB2018' });
    expect(synthesized.only('azurerm_application_insights')).toMatchObject({
      application_type: 'web',
      workspace_id: `\${${synthesized.address('azurerm_log_analytics_workspace')}.id}`,
    });
  });

  it('refers to what it needs, and waits until its identity may use it', () => {
    const stack = azureStack(project);
    new Workspace(stack, 'Workspace', { location: 'westeurope' });
    const synthesized = new TerraformJson(stack);
    const id = (type: string) => `\${${synthesized.address(type)}.id}`;
    const workspace = synthesized.only('azapi_resource');
    const parts = {
      storageAccount: id('azurerm_storage_account'),
      keyVault: id('azurerm_key_vault'),
      applicationInsights: id('azurerm_application_insights'),
      containerRegistry: id('azurerm_container_registry'),
    };
    expect(workspace).toMatchObject({
      type: 'Microsoft.MachineLearningServices/workspaces@2025-06-01',
      name: 'stack-workspace',
      parent_id: id('azurerm_resource_group'),
      location: 'westeurope',
      identity: [{ type: 'UserAssigned', identity_ids: [id('azurerm_user_assigned_identity')] }],
      body: {
        properties: {
          ...parts,
          primaryUserAssignedIdentity: id('azurerm_user_assigned_identity'),
          systemDatastoresAuthMode: 'identity',
          publicNetworkAccess: 'Enabled',
        },
      },
      // Azure cannot change them.
      replace_triggers_refs: Object.keys(parts).map((name) => `properties.${name}`),
    });
    expectValidAzapiBodies(synthesized.json);
    const roles = [...synthesized.resources].filter(([address]) =>
      address.startsWith('azurerm_role_assignment.'),
    );
    expect([...(workspace.depends_on as string[])].sort()).toEqual(roles.map(([address]) => address).sort());
  });

  it('gives its identity the roles that Azure requires, each on one resource', () => {
    const stack = azureStack(project);
    new Workspace(stack, 'Workspace', { location: 'westeurope' });
    const synthesized = new TerraformJson(stack);
    const id = (type: string) => `\${${synthesized.address(type)}.id}`;
    const roles = synthesized.all('azurerm_role_assignment');
    expect(roles.map(({ scope, role_definition_name: role }) => [scope, role])).toEqual(
      expect.arrayContaining([
        [id('azurerm_storage_account'), 'Storage Account Contributor'],
        [id('azurerm_storage_account'), 'Storage Blob Data Contributor'],
        [id('azurerm_key_vault'), 'Key Vault Contributor'],
        [id('azurerm_key_vault'), 'Key Vault Secrets Officer'],
        [id('azurerm_container_registry'), 'Container Registry Tasks Contributor'],
        [id('azurerm_container_registry'), 'AcrPush'],
        [id('azurerm_application_insights'), 'Application Insights Component Contributor'],
      ]),
    );
    expect(roles).toHaveLength(7);
    expect(new Set(roles.map((role) => role.principal_id))).toEqual(
      new Set([`\${${synthesized.address('azurerm_user_assigned_identity')}.principal_id}`]),
    );
  });

  it('accepts existing resources and every other property', () => {
    const stack = azureStack(project);
    const provider = new AzurermProvider(stack, 'second', { alias: 'second', features: [{}] });
    const workspace = new Workspace(stack, 'Workspace', {
      location: 'westeurope',
      name: 'vision',
      resourceGroupName: 'shared',
      storageAccount: { id: '/storage', name: 'store' },
      keyVault: { id: '/vault', name: 'vault' },
      applicationInsightsId: '/insights',
      containerRegistry: { id: '/registry', loginServer: 'images.azurecr.io' },
      identity: { id: '/identity', principalId: 'principal' },
      grantRoles: false,
      publicNetworkAccess: false,
      description: 'scores images',
      tags: { team: 'vision' },
      provider,
      azapiProvider: new AzapiProvider(stack, 'azapi2', { alias: 'second' }),
    });
    new RegisteredModel(stack, 'Model', {
      workspace,
      name: 'm',
      serviceDefinition: project.definition(),
    });
    const synthesized = new TerraformJson(stack);
    const types = new Set([...synthesized.resources.keys()].map((address) => address.split('.')[0]));
    expect([...types].sort()).toEqual([
      'azapi_resource',
      'azapi_resource_action',
      'azurerm_machine_learning_datastore_blobstorage',
      'azurerm_storage_blob',
      'azurerm_storage_container',
    ]);
    for (const [address, args] of synthesized.resources) {
      expect(args.provider).toBe(address.startsWith('azapi') ? 'azapi.second' : 'azurerm.second');
    }
    expect(synthesized.only('azapi_resource', 'workspaces')).toMatchObject({
      name: 'vision',
      parent_id:
        '/subscriptions/${data.azurerm_client_config.AzureClient-second.subscription_id}/resourceGroups/shared',
      identity: [{ identity_ids: ['/identity'] }],
      body: {
        properties: {
          storageAccount: '/storage',
          keyVault: '/vault',
          applicationInsights: '/insights',
          containerRegistry: '/registry',
          publicNetworkAccess: 'Disabled',
          description: 'scores images',
        },
      },
      tags: { team: 'vision' },
    });
    expectValidAzapiBodies(synthesized.json);
  });

  describe('warns about a provider with which Terraform would fail', () => {
    const FEATURES = [{ resourceGroup: [{ preventDeletionIfContainsResources: false }] }];
    const DESTROY =
      "destroy will fail: Application Insights creates an action group in the workspace's resource group, and azurerm " +
      'does not delete a resource group that contains resources it does not manage; set ' +
      'features: [{ resourceGroup: [{ preventDeletionIfContainsResources: false }] }] of AzurermProvider, or true to keep the group';
    const KEYS =
      'the keys of the storage account are disabled, but azurerm uses them to write blobs; set storageUseAzuread: true of ' +
      'AzurermProvider and assign the role Storage Blob Data Contributor to the deploying identity';

    function warnings(
      props: Partial<WorkspaceProps>,
      provider: Partial<AzurermProviderConfig> = {},
      alias?: string,
    ): string[] {
      const stack = project.stack();
      new AzapiProvider(stack, 'azapi');
      const declared = new AzurermProvider(stack, 'azurerm', {
        features: [{}],
        storageUseAzuread: true,
        ...provider,
        alias,
      });
      const named = alias === undefined ? {} : { provider: declared };
      new Workspace(stack, 'Workspace', { location: 'westeurope', ...named, ...props });
      return synthStack(stack).annotations.map(({ message }) => message);
    }

    it('when it destroys its resource group', () => {
      expect(warnings({})).toEqual([DESTROY]);
      expect(warnings({}, {}, 'second')).toEqual([DESTROY]);
      expect(warnings({}, { features: FEATURES })).toEqual([]);
      const kept = [{ resourceGroup: [{ preventDeletionIfContainsResources: true }] }];
      expect(warnings({}, { features: kept })).toEqual([]);
      expect(warnings({ resourceGroupName: 'mine' })).toEqual([]);
      expect(warnings({ applicationInsightsId: '/insights' })).toEqual([]);
    });

    it('when it writes blobs', () => {
      const storageUseAzuread = undefined;
      expect(warnings({}, { features: FEATURES, storageUseAzuread })).toEqual([KEYS]);
      expect(warnings({ storageKeysEnabled: true }, { features: FEATURES, storageUseAzuread })).toEqual([]);
      expect(warnings({}, { features: FEATURES })).toEqual([]);
    });
  });

  it('applies names and settings to the created resources', () => {
    const stack = azureStack(project);
    new Workspace(stack, 'Workspace', {
      location: 'westeurope',
      storageAccountName: 'visionstore',
      environment: Environment.development({ storageReplication: 'ZRS', containerRegistrySku: 'Premium' }),
      storageKeysEnabled: true,
      keyVaultName: 'vision-vault',
      keyVaultRetentionDays: 7,
      logAnalyticsWorkspaceId: '/logs',
      containerRegistryName: 'visionimages',
    });
    const synthesized = new TerraformJson(stack);
    expect(synthesized.only('azurerm_storage_account')).toMatchObject({
      name: 'visionstore',
      account_replication_type: 'ZRS',
      shared_access_key_enabled: true,
    });
    expect(synthesized.only('azurerm_key_vault')).toMatchObject({
      name: 'vision-vault',
      soft_delete_retention_days: 7,
    });
    expect(synthesized.only('azurerm_application_insights')).toMatchObject({ workspace_id: '/logs' });
    expect(synthesized.only('azurerm_container_registry')).toMatchObject({
      name: 'visionimages',
      sku: 'Premium',
    });
    expect(synthesized.all('azurerm_log_analytics_workspace')).toEqual([]);
  });

  it('lets tags of Aspects reach all that can be tagged', () => {
    const stack = azureStack(project);
    const workspace = new Workspace(stack, 'Workspace', { location: 'westeurope' });
    new RegisteredModel(stack, 'Model', { workspace, name: 'm', serviceDefinition: project.definition() });
    tagAll(stack, { costs: 'research' });
    const synthesized = new TerraformJson(stack);
    const untagged = [...synthesized.resources]
      .filter(([, args]) => !JSON.stringify(args).includes('"costs":"research"'))
      .map(([address]) => address.split('.')[0]);
    // Those have no tags on Azure.
    expect(new Set(untagged)).toEqual(
      new Set(['azurerm_role_assignment', 'azurerm_storage_blob', 'azurerm_storage_container']),
    );
    expectValidAzapiBodies(synthesized.json);
  });

  it.each([
    [
      { storageAccountName: 'My-Storage' },
      'storageAccountName is "My-Storage"; a storage account has 3 to 24',
    ],
    [{ keyVaultName: '1vault' }, 'keyVaultName is "1vault"; a key vault has 3 to 24'],
    [{ containerRegistryName: 'reg' }, 'containerRegistryName is "reg"; a container registry has 5 to 50'],
    [{ name: 'w' }, 'name is "w"; a machine learning workspace has 3 to 33'],
    [{ resourceGroupName: 'group.' }, 'resourceGroupName is "group."; a resource group has 1 to 90'],
    [{ keyVaultRetentionDays: 5 }, 'keyVaultRetentionDays is 5; expected a whole number from 7 to 90'],
    [
      { keyVault: { id: '/v', name: 'v' }, keyVaultName: 'vault' },
      'keyVault and keyVaultName are both set, but keyVaultName applies only to a new resource; remove one of them',
    ],
  ])('rejects %j', (props, message) => {
    const stack = azureStack(project);
    expect(refusal(() => new Workspace(stack, 'Workspace', { location: 'westeurope', ...props }))).toContain(
      `stack/Workspace: ${message}`,
    );
  });
});
