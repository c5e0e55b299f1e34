import { ContainerRegistry } from '@cdktf/provider-azurerm/lib/container-registry';
import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { Aspects, type IAspect, type TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';

import {
  Accelerator,
  ClusterAccess,
  Environment,
  LocalWorkspace,
  NvidiaDevicePlugin,
  ScoringCluster,
  Workspace,
  type ScoringClusterProps,
} from '../../../constructs';
import { azureStack, declareCluster, REGISTRY_ID } from '../support/aks';
import { refusal } from '../support/messages';
import { TerraformJson } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

const CLUSTER = 'azurerm_kubernetes_cluster';
const POOL = 'azurerm_kubernetes_cluster_node_pool';
const ROLE = 'azurerm_role_assignment';

describe('a scoring cluster', () => {
  let project: TestProject;
  let stack: TerraformStack;

  beforeEach(() => {
    project = new TestProject();
    stack = azureStack(project);
  });

  afterEach(() => {
    project.leave();
  });

  it('is secure by default, with a pool for Kubernetes and one for scoring', () => {
    declareCluster(stack);
    const json = new TerraformJson(stack);

    // azurerm refuses an Entra block with neither tenant_id nor admin_group_object_ids (AtLeastOneOf).
    // @see https://registry.terraform.io/providers/hashicorp/azurerm/4.55.0/docs/resources/kubernetes_cluster#argument-reference
    expect(json.only(CLUSTER)).toMatchObject({
      name: 'scoring-cluster',
      resource_group_name: 'scoring',
      location: 'westeurope',
      dns_prefix: 'scoring-cluster',
      identity: { type: 'SystemAssigned' },
      azure_active_directory_role_based_access_control: {
        azure_rbac_enabled: true,
        tenant_id: '${data.azurerm_client_config.AzureClient.tenant_id}',
      },
      role_based_access_control_enabled: true,
      oidc_issuer_enabled: true,
      workload_identity_enabled: true,
      run_command_enabled: false,
      automatic_upgrade_channel: 'patch',
      node_os_upgrade_channel: 'NodeImage',
      image_cleaner_enabled: true,
      azure_policy_enabled: true,
      sku_tier: 'Free',
      network_profile: {
        network_plugin: 'azure',
        network_plugin_mode: 'overlay',
        network_data_plane: 'cilium',
        network_policy: 'cilium',
        load_balancer_sku: 'standard',
      },
      default_node_pool: {
        name: 'system',
        vm_size: 'Standard_D2s_v5',
        node_count: 2,
        only_critical_addons_enabled: true,
        temporary_name_for_rotation: 'systemtemp',
      },
    });
    expect(json.only(POOL)).toMatchObject({
      name: 'scoring',
      kubernetes_cluster_id: `\${${json.address(CLUSTER)}.id}`,
      mode: 'User',
      vm_size: 'Standard_D4s_v5',
      node_count: 1,
      temporary_name_for_rotation: 'scoringtemp',
    });
    expect(json.only(POOL)).not.toHaveProperty('node_taints');
    expect(json.all('kubernetes_daemon_set_v1')).toEqual([]);
    expect(json.all(ROLE)).toEqual([]);
  });

  it('applies every property', () => {
    const provider = new AzurermProvider(stack, 'second', { alias: 'second', features: [{}] });
    const props: Required<Omit<ScoringClusterProps, 'workspace' | 'networkIsolation'>> = {
      resourceGroupName: 'group',
      location: 'Sweden Central',
      containerRegistryIds: [REGISTRY_ID, `${REGISTRY_ID}2`],
      clusterName: 'my_cluster',
      accelerator: Accelerator.gpu('Standard_NC64as_T4_v3'),
      nodeCount: 2,
      maxNodeCount: 5,
      nodePoolName: 'gpus',
      systemVmSize: 'Standard_D4s_v5',
      systemNodeCount: 3,
      environment: Environment.development({
        zones: ['1', '2'],
        clusterTier: 'Standard',
        encryptionAtHost: true,
      }),
      kubernetesVersion: '1.33',
      access: ClusterAccess.entraId('workloadidentity'),
      authorizedIpRanges: ['203.0.113.0/24'],
      adminGroupObjectIds: ['00000000-0000-0000-0000-000000000001'],
      nodeResourceGroupName: 'my-nodes',
      devicePluginImage: 'scoring.azurecr.io/device-plugin:1',
      tags: { team: 'vision' },
      provider,
    };
    declareCluster(stack, props);
    const json = new TerraformJson(stack);

    expect(json.only(CLUSTER)).toMatchObject({
      name: 'my_cluster',
      resource_group_name: 'group',
      location: 'swedencentral',
      kubernetes_version: '1.33',
      sku_tier: 'Standard',
      node_resource_group: 'my-nodes',
      local_account_disabled: true,
      api_server_access_profile: { authorized_ip_ranges: ['203.0.113.0/24'] },
      azure_active_directory_role_based_access_control: {
        admin_group_object_ids: ['00000000-0000-0000-0000-000000000001'],
        tenant_id: '${data.azurerm_client_config.AzureClient-second.tenant_id}',
      },
      default_node_pool: {
        vm_size: 'Standard_D4s_v5',
        node_count: 3,
        zones: ['1', '2'],
        host_encryption_enabled: true,
      },
      tags: { team: 'vision' },
      provider: 'azurerm.second',
    });
    expect(json.only(POOL)).toMatchObject({
      name: 'gpus',
      vm_size: 'Standard_NC64as_T4_v3',
      node_count: 2,
      auto_scaling_enabled: true,
      min_count: 2,
      max_count: 5,
      lifecycle: { ignore_changes: ['node_count'] },
      node_taints: ['sku=gpu:NoSchedule'],
      zones: ['1', '2'],
      tags: { team: 'vision' },
      provider: 'azurerm.second',
    });
    expect(json.all(ROLE).map(({ scope, provider }) => [scope, provider])).toEqual(
      expect.arrayContaining([
        [REGISTRY_ID, 'azurerm.second'],
        [`${REGISTRY_ID}2`, 'azurerm.second'],
      ]),
    );
    expect(JSON.stringify(json.only('kubernetes_daemon_set_v1'))).toContain(
      'scoring.azurecr.io/device-plugin:1',
    );
  });

  it('allows only its nodes to pull from its registries', () => {
    declareCluster(stack, { containerRegistryIds: [REGISTRY_ID] });
    const json = new TerraformJson(stack);

    expect(json.only(ROLE)).toMatchObject({
      scope: REGISTRY_ID,
      role_definition_name: 'AcrPull',
      principal_id: `\${${json.address(CLUSTER)}.kubelet_identity[0].object_id}`,
      principal_type: 'ServicePrincipal',
    });
  });

  it('uses the resource group, the region and the registry of a workspace', () => {
    const workspace = new Workspace(stack, 'Workspace', { location: 'westeurope' });
    const cluster = new ScoringCluster(stack, 'Cluster', { workspace });
    const json = new TerraformJson(stack);

    expect(json.only(CLUSTER)).toMatchObject({
      location: 'westeurope',
      resource_group_name: `\${${json.address('azurerm_resource_group')}.name}`,
    });
    expect(json.all(ROLE)).toContainEqual(
      expect.objectContaining({
        role_definition_name: 'AcrPull',
        scope: `\${${json.address('azurerm_container_registry')}.id}`,
        principal_id: `\${${json.address(CLUSTER)}.kubelet_identity[0].object_id}`,
      }),
    );
    expect(cluster.pullRoles).toHaveLength(1);
  });

  it('assigns a role only once, even if it is requested repeatedly with differently built ids', () => {
    const registry = new ContainerRegistry(stack, 'Registry', {
      name: 'scoring',
      resourceGroupName: 'scoring',
      location: 'westeurope',
      sku: 'Standard',
    });
    const cluster = declareCluster(stack, { containerRegistryIds: [registry.id] });

    expect(cluster.grantPull(stack, registry.id)).toEqual(cluster.pullRoles);
    expect(cluster.grantPull(stack, REGISTRY_ID)).toEqual(cluster.grantPull(stack, REGISTRY_ID));
    expect(new TerraformJson(stack).all(ROLE)).toHaveLength(2);
  });

  it('deploys the device plugin only to NVIDIA nodes, after they exist', () => {
    declareCluster(stack, { accelerator: Accelerator.gpu('Standard_NC4as_T4_v3') });
    const json = new TerraformJson(stack);

    expect(json.only('kubernetes_daemon_set_v1')).toMatchObject({
      depends_on: [json.address(POOL)],
      metadata: { namespace: 'kube-system' },
      spec: {
        template: {
          spec: {
            node_selector: { 'kubernetes.azure.com/accelerator': 'nvidia' },
            toleration: [{ operator: 'Exists', effect: 'NoSchedule' }],
            container: [
              {
                image: expect.stringMatching(/k8s-device-plugin:v0\.20\.0@sha256:[0-9a-f]{64}$/) as string,
                security_context: { allow_privilege_escalation: false, capabilities: { drop: ['ALL'] } },
              },
            ],
          },
        },
      },
    });

    const other = azureStack(project, 'Other');
    declareCluster(other, {
      accelerator: Accelerator.custom({
        vmSize: 'Standard_ND96is_MI300X_v5',
        devicesPerNode: 8,
        resourceName: 'amd.com/gpu',
      }),
    });
    expect(new TerraformJson(other).all('kubernetes_daemon_set_v1')).toEqual([]);
  });

  it("authenticates with the cluster's certificate, without a kubeconfig file", () => {
    const cluster = declareCluster(stack, { access: ClusterAccess.adminCertificate() });
    cluster.kubernetesProvider(stack);
    const json = new TerraformJson(stack);
    const admin = `${json.address(CLUSTER)}.kube_admin_config[0]`;

    expect(json.providers('kubernetes')).toEqual([
      {
        alias: 'kubernetes-scoring-cluster',
        host: `\${${admin}.host}`,
        cluster_ca_certificate: `\${base64decode(${admin}.cluster_ca_certificate)}`,
        client_certificate: `\${base64decode(${admin}.client_certificate)}`,
        client_key: `\${base64decode(${admin}.client_key)}`,
      },
    ]);
    expect(json.only(CLUSTER)).toMatchObject({ local_account_disabled: false });
  });

  it('has no local accounts and no credentials in the state, and authenticates as an Entra identity by default', () => {
    const cluster = declareCluster(stack);
    cluster.kubernetesProvider(stack);
    const json = new TerraformJson(stack);

    expect(json.only(CLUSTER)).toMatchObject({ local_account_disabled: true });
    expect(json.providers('kubernetes')).toEqual([
      expect.objectContaining({
        host: `\${${json.address(CLUSTER)}.kube_config[0].host}`,
        exec: [
          {
            api_version: 'client.authentication.k8s.io/v1beta1',
            command: 'kubelogin',
            args: ['get-token', '--login', 'azurecli', '--server-id', '6dae42f8-4368-4678-94ff-3960e28e3630'],
          },
        ],
      }),
    ]);
    expect(json.json).not.toMatch(/client_key|client_certificate|kube_admin_config/);
  });

  it('can be one of several in a stack, each with its own provider', () => {
    const gpu = { accelerator: Accelerator.gpu('Standard_NC4as_T4_v3') };
    declareCluster(stack, gpu);
    new ScoringCluster(stack, 'Second', { resourceGroupName: 'scoring', location: 'westeurope', ...gpu });
    const json = new TerraformJson(stack);

    expect(json.providers('kubernetes').map(({ alias }) => alias)).toEqual([
      'kubernetes-scoring-cluster',
      'kubernetes-scoring-second',
    ]);
    expect(json.all('kubernetes_daemon_set_v1').map(({ provider }) => provider)).toEqual([
      'kubernetes.kubernetes-scoring-cluster',
      'kubernetes.kubernetes-scoring-second',
    ]);
  });

  it('is used from another stack by a provider of that stack', () => {
    const app = project.app();
    const [clusters, services] = [azureStack(project, 'clusters', app), azureStack(project, 'services', app)];
    const cluster = declareCluster(clusters);
    new NvidiaDevicePlugin(services, 'Plugin', { cluster });
    const json = new TerraformJson(services);

    expect(json.providers('kubernetes')).toHaveLength(1);
    expect(JSON.stringify(json.providers('kubernetes'))).toContain('data.terraform_remote_state');
    expect(json.only('kubernetes_daemon_set_v1').depends_on).toEqual([]);
    expect(services.dependsOn(clusters)).toBe(true);
  });

  it('has the tags that an aspect adds', () => {
    const tag: IAspect = {
      visit(node: IConstruct) {
        if ('tagsInput' in node) {
          (node as unknown as { tags: Record<string, string> }).tags = { cost: '42' };
        }
      },
    };
    declareCluster(stack);
    Aspects.of(stack).add(tag);
    const json = new TerraformJson(stack);

    expect(json.only(CLUSTER)).toMatchObject({ tags: { cost: '42' } });
    expect(json.only(POOL)).toMatchObject({ tags: { cost: '42' } });
  });

  it('can be an existing one, also with the certificate of its administrator or, without Entra, of its user', () => {
    const cluster = ScoringCluster.fromScoringClusterAttributes(stack, 'Existing', {
      clusterName: 'theirs',
      resourceGroupName: 'platform',
      accelerator: Accelerator.gpu('Standard_NC4as_T4_v3'),
      nodePoolName: 'gpus',
      nodeCount: 2,
      containerRegistryIds: [REGISTRY_ID],
      access: ClusterAccess.adminCertificate(),
    });
    cluster.kubernetesProvider(stack);

    expect(cluster.grantPull(stack, REGISTRY_ID)).toEqual([]);
    const json = new TerraformJson(stack);
    expect(json.data(CLUSTER)).toMatchObject({ name: 'theirs', resource_group_name: 'platform' });
    expect(JSON.stringify(json.providers('kubernetes'))).toMatch(
      /\$\{base64decode\(try\(data\.azurerm_kubernetes_cluster\.\w+\.kube_admin_config\[0\]\.client_key, data\.azurerm_kubernetes_cluster\.\w+\.kube_config\[0\]\.client_key\)\)\}/,
    );
    expect(json.all(CLUSTER)).toEqual([]);
    expect(json.all('kubernetes_daemon_set_v1')).toEqual([]);
  });

  it('assigns only missing roles to an existing cluster', () => {
    const cluster = ScoringCluster.fromScoringClusterAttributes(stack, 'Existing', {
      clusterName: 'theirs',
      resourceGroupName: 'platform',
    });
    cluster.grantPull(stack, REGISTRY_ID);
    cluster.grantNetwork(stack, 'addresses');
    cluster.grantNetwork(stack, 'addresses');
    const json = new TerraformJson(stack);

    expect(json.all(ROLE).map(({ role_definition_name }) => role_definition_name)).toEqual([
      'AcrPull',
      'Network Contributor',
    ]);
    expect(json.all(ROLE)[1]).toMatchObject({
      scope: expect.stringMatching(/^\$\{data\.azurerm_resource_group\..+\.id\}$/) as string,
      principal_id: expect.stringMatching(/identity\[0\]\.principal_id\}$/) as string,
    });
  });

  const cases: [string, Partial<ScoringClusterProps>, string][] = [
    [
      'nodeCount',
      { nodeCount: 0 },
      'Scoring/Cluster: nodeCount is 0; expected a whole number from 1 to 1000',
    ],
    [
      'maxNodeCount',
      { nodeCount: 3, maxNodeCount: 2 },
      'Scoring/Cluster: maxNodeCount is 2; expected a whole number from 3 (nodeCount) to 1000',
    ],
    [
      'systemNodeCount',
      { systemNodeCount: 1.5 },
      'Scoring/Cluster: systemNodeCount is 1.5; expected a whole number from 1 to 1000',
    ],
    [
      'clusterName',
      { clusterName: '-scoring' },
      'Scoring/Cluster: clusterName is "-scoring"; a Kubernetes cluster has 1 to 63 letters, digits, "-" and "_", ' +
        'starting and ending with a letter or digit',
    ],
    [
      'nodePoolName',
      { nodePoolName: 'GPU-pool' },
      'Scoring/Cluster: nodePoolName is "GPU-pool"; a node pool has 1 to 12 lowercase letters and digits, ' +
        'starting with a letter',
    ],
    [
      'a reserved nodePoolName',
      { nodePoolName: 'system' },
      'Scoring/Cluster: nodePoolName is "system", which is reserved; choose another name',
    ],
    [
      'kubernetesVersion',
      { kubernetesVersion: '1.33.2' },
      'Scoring/Cluster: kubernetesVersion is "1.33.2"; expected a minor version, such as 1.33, because AKS installs patch versions automatically',
    ],
    [
      'clusterTier',
      { environment: Environment.production({ clusterTier: 'Paid' }) },
      'Scoring/Cluster: clusterTier is "Paid"; expected Free, Standard or Premium',
    ],
    [
      'location',
      { location: 'west-europe' },
      'Scoring/Cluster: location is "west-europe"; expected an Azure region, such as westeurope or "West Europe"',
    ],
    [
      'no resource group',
      { resourceGroupName: undefined },
      'Scoring/Cluster: resourceGroupName is missing; set it, or set workspace to a workspace on Azure',
    ],
  ];

  it.each(cases)('rejects a wrong %s', (_, props, message) => {
    expect(refusal(() => declareCluster(stack, props))).toBe(message);
  });

  it('rejects a workspace of this machine', () => {
    const workspace = new LocalWorkspace(stack, 'Workspace', { name: 'local' });

    expect(refusal(() => declareCluster(stack, { workspace }))).toBe(
      'Scoring/Cluster: the workspace "local" is on the local machine; pass a workspace on Azure, ' +
        'or set resourceGroupName and location',
    );
  });
});
