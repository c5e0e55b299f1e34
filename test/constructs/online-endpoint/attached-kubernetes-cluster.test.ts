import { DataAzurermKubernetesCluster } from '@cdktf/provider-azurerm/lib/data-azurerm-kubernetes-cluster';
import { TerraformOutput, type TerraformStack } from 'cdktf';

import {
  Accelerator,
  ClusterAccess,
  AttachedKubernetesCluster,
  LocalWorkspace,
  ScoringCluster,
  SslSettings,
  Workspace,
  type AttachedKubernetesClusterProps,
} from '../../../constructs';
import { azapiBodyProblems, expectValidAzapiBodies } from '../../support/azapi-schemas';
import { azureStack, azureStackWithContext, tagAll } from '../support/azure-stack';
import { refusal } from '../support/messages';
import { declareCompute } from '../support/online-endpoint';
import { TerraformJson } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

const EXTENSION = 'KubernetesConfiguration/extensions';
const POOL = 'azurerm_kubernetes_cluster_node_pool';

function settingsIn(json: TerraformJson): unknown {
  const { body } = json.only('azapi_resource', EXTENSION);
  return (body as { readonly properties: { readonly configurationSettings: unknown } }).properties
    .configurationSettings;
}

describe('AttachedKubernetesCluster', () => {
  let project: TestProject;
  let stack: TerraformStack;
  beforeEach(() => {
    project = new TestProject();
    stack = azureStack(project);
  });
  afterEach(() => {
    project.leave();
  });

  function declareExisting(props: Partial<AttachedKubernetesClusterProps> = {}): AttachedKubernetesCluster {
    const cluster = ScoringCluster.fromScoringClusterAttributes(stack, 'Cluster', {
      clusterName: 'aks-gpu',
      resourceGroupName: 'clusters',
      accelerator: AttachedKubernetesCluster.gpu('Standard_NC4as_T4_v3'),
      nodePoolName: 'gpus',
      nodeCount: 2,
    });
    return declareCompute(stack, { cluster, ...props });
  }

  it('makes a cluster with one T4 node, the device plugin and the extension, and attaches it', () => {
    declareCompute(stack);
    const json = new TerraformJson(stack);
    expectValidAzapiBodies(json.json);
    expect(json.only(POOL)).toMatchObject({
      vm_size: 'Standard_NC4as_T4_v3',
      node_count: 1,
      node_taints: ['ml.azure.com/amlarc=true:NoSchedule'],
    });
    expect(json.only('kubernetes_daemon_set_v1')).toBeDefined();
    const extension = json.only('azapi_resource', EXTENSION);
    expect(extension).toMatchObject({
      name: 'azureml',
      parent_id: `\${${json.address('azurerm_kubernetes_cluster')}.id}`,
      body: {
        properties: {
          extensionType: 'Microsoft.AzureML.Kubernetes',
          autoUpgradeMinorVersion: true,
          releaseTrain: 'stable',
          scope: { cluster: { releaseNamespace: 'azureml' } },
        },
      },
      replace_triggers_refs: ['properties.releaseTrain', 'properties.version'],
      timeouts: { create: '60m' },
      depends_on: [json.address(POOL), json.address('kubernetes_daemon_set_v1')],
    });
    const settings = settingsIn(json);
    expect(settings).toMatchObject({
      enableTraining: 'False',
      enableInference: 'True',
      inferenceRouterServiceType: 'LoadBalancer',
      inferenceRouterHA: 'False',
      clusterPurpose: 'DevTest',
      installNvidiaDevicePlugin: 'False',
      sslCname: 'scoring.example.com',
    });
    for (const name of ['allowInsecureConnections', 'scoringFe.serviceType.internalLoadBalancer']) {
      expect(settings).not.toHaveProperty([name]);
    }
    expect(json.only('azapi_resource', 'workspaces/computes')).toMatchObject({
      type: 'Microsoft.MachineLearningServices/workspaces/computes@2025-06-01',
      name: 'stack-compute',
      parent_id: `\${${json.address('azapi_resource', 'MachineLearningServices/workspaces')}.id}`,
      location: 'westeurope',
      identity: [{ type: 'SystemAssigned' }],
      body: {
        properties: {
          computeType: 'Kubernetes',
          resourceId: `\${${json.address('azurerm_kubernetes_cluster')}.id}`,
          properties: {
            namespace: 'default',
            defaultInstanceType: 'gpu',
            instanceTypes: {
              gpu: {
                nodeSelector: { 'kubernetes.azure.com/agentpool': 'scoring' },
                resources: {
                  requests: { cpu: '1', memory: '4Gi' },
                  limits: { cpu: '2', memory: '8Gi', 'nvidia.com/gpu': '1' },
                },
              },
            },
          },
        },
      },
      delete_query_parameters: { underlyingResourceAction: ['Detach'] },
      depends_on: [json.address('azapi_resource', EXTENSION)],
    });
    expect(json.warnings).toEqual([]);
  });

  it('passes the certificate in a vault to the extension without storing its private key', () => {
    declareCompute(stack);
    const json = new TerraformJson(stack);
    const [[address, { version }]] = [...json.ephemerals];
    expect(json.only('azapi_resource', EXTENSION).sensitive_body).toEqual({
      properties: {
        configurationProtectedSettings: {
          'scoringFe.sslCert': `\${base64encode(ephemeral.${address}.pem)}`,
          'scoringFe.sslKey': `\${base64encode(ephemeral.${address}.key)}`,
        },
      },
    });
    // The vault's version alone, which has no private key.
    expect(version).toMatch(/^\$\{data\.azurerm_key_vault_certificate\.\w+\.version\}$/);
    expect(json.requiredVersion).toBe('>= 1.11.0');
  });

  it('rejects the context for older versions of Terraform, which would have to store the private key', () => {
    stack = azureStackWithContext(project, { 'cdktf-brainwave:secretsInState': 'true' }, 'stack');
    expect(refusal(() => declareCompute(stack))).toBe(
      'stack/Compute: the context cdktf-brainwave:secretsInState is set, but the private key of ssl can only be passed on without ' +
        'being stored; install Terraform or OpenTofu 1.11 or later, and remove the context',
    );
  });

  it('passes the cluster to the extension, like the az command, without a relay', () => {
    declareCompute(stack);
    const json = new TerraformJson(stack);
    const cluster = json.address('azurerm_kubernetes_cluster');
    const [id, location] = [`\${${cluster}.id}`, 'westeurope'];
    expect(settingsIn(json)).toMatchObject({
      cluster_name: id,
      clusterId: id,
      'prometheus.prometheusSpec.externalLabels.cluster_name': id,
      cluster_name_friendly: `\${${cluster}.name}`,
      location,
      jobSchedulerLocation: location,
      domain: `${location}.cloudapp.azure.com`,
      'servicebus.enabled': 'false',
      'relayserver.enabled': 'false',
      'nginxIngress.enabled': 'true',
    });
  });

  it('applies every property', () => {
    const compute = declareCompute(stack, {
      computeName: 'aks-gpu',
      vmSize: 'Standard_NC64as_T4_v3',
      nodeCount: 3,
      maxNodeCount: 5,
      internalLoadBalancer: true,
      instanceTypes: [
        { name: 'small', cpu: '500m', memory: '1Gi', cpuLimit: '1', memoryLimit: '2Gi' },
        { name: 'large', gpus: 4, nodeSelector: { disk: 'fast' } },
      ],
      namespace: 'scoring',
      extensionVersion: '1.1.80',
      extensionSettings: { installPromOp: 'False' },
      description: 'GPUs',
      tags: { team: 'vision' },
    });
    const json = new TerraformJson(stack);
    expectValidAzapiBodies(json.json);
    expect(json.only(POOL)).toMatchObject({ vm_size: 'Standard_NC64as_T4_v3', min_count: 3, max_count: 5 });
    expect(json.only('azapi_resource', EXTENSION)).toMatchObject({
      body: { properties: { version: '1.1.80', autoUpgradeMinorVersion: false } },
    });
    const settings = settingsIn(json);
    expect(settings).toMatchObject({
      inferenceRouterHA: 'True',
      internalLoadBalancerProvider: 'azure',
      'scoringFe.serviceType.internalLoadBalancer': 'True',
      installPromOp: 'False',
    });
    expect(settings).not.toHaveProperty('clusterPurpose');
    expect(json.only('azapi_resource', 'workspaces/computes')).toMatchObject({
      name: 'aks-gpu',
      tags: { team: 'vision' },
      body: {
        properties: {
          description: 'GPUs',
          properties: {
            namespace: 'scoring',
            defaultInstanceType: 'small',
            instanceTypes: {
              small: {
                resources: {
                  requests: { cpu: '500m', memory: '1Gi' },
                  limits: { cpu: '1', memory: '2Gi', 'nvidia.com/gpu': '1' },
                },
              },
              large: { nodeSelector: { disk: 'fast' }, resources: { limits: { 'nvidia.com/gpu': '4' } } },
            },
          },
        },
      },
    });
    expect(compute.exposure).toMatchObject({ tls: true, internal: true });
  });

  it('attaches a cluster that exists', () => {
    declareExisting();
    const json = new TerraformJson(stack);
    const [cluster] = Object.keys(
      (JSON.parse(json.json) as { data: Record<string, object> }).data[
        DataAzurermKubernetesCluster.tfResourceType
      ],
    );
    const id = `\${data.azurerm_kubernetes_cluster.${cluster}.id}`;
    expect(json.only('azapi_resource', EXTENSION).parent_id).toBe(id);
    expect(settingsIn(json)).toMatchObject({ inferenceRouterHA: 'False' });
    expect(json.all('azurerm_kubernetes_cluster')).toEqual([]);
    expect(json.only('azapi_resource', 'workspaces/computes').body).toMatchObject({
      properties: { resourceId: id },
    });
  });

  it("returns the address to which the certificate's host name must resolve", () => {
    const compute = declareCompute(stack);
    new TerraformOutput(stack, 'address', { value: compute.routerAddress, staticId: true });
    const json = new TerraformJson(stack);
    expect(json.data('kubernetes_service_v1')).toMatchObject({
      metadata: { name: 'azureml-fe', namespace: 'azureml' },
      depends_on: [json.address('azapi_resource', EXTENSION)],
    });
    expect(json.json).toContain('status[0].load_balancer[0].ingress[0].ip}');
  });

  it('sends keys unencrypted only on request, with a warning', () => {
    declareCompute(stack, { ssl: SslSettings.disabled(), internalLoadBalancer: true });
    const json = new TerraformJson(stack);
    expect(settingsIn(json)).toMatchObject({ allowInsecureConnections: 'True' });
    expect(json.only('azapi_resource', EXTENSION)).not.toHaveProperty('sensitive_body');
    expect(json.warnings).toEqual([
      'stack/Compute: TLS is disabled: keys, requests and responses of its endpoints are sent unencrypted; ' +
        'set ssl, for example SslSettings.fromKeyVaultCertificate(…)',
    ]);
  });

  it('passes tags on to whatever can have them', () => {
    declareCompute(stack);
    tagAll(stack, { owner: 'me' });
    const json = new TerraformJson(stack);
    expectValidAzapiBodies(json.json);
    expect(json.only('azapi_resource', 'workspaces/computes').tags).toEqual({ owner: 'me' });
    expect(json.only(POOL).tags).toEqual({ owner: 'me' });
    expect(json.only('azapi_resource', EXTENSION)).not.toHaveProperty('tags');
  });

  it('is rejected by its schema when a property is misspelt', () => {
    declareCompute(stack);
    const { json } = new TerraformJson(stack);
    expect(azapiBodyProblems(json.replace('"instanceTypes"', '"instancetypes"')).join()).toContain(
      '"additionalProperty":"instancetypes"',
    );
  });

  it('can be one that is attached already', () => {
    const workspace = new Workspace(stack, 'Workspace', { location: 'westeurope' });
    const compute = AttachedKubernetesCluster.fromAttachedKubernetesClusterAttributes(stack, 'Compute', {
      workspace,
      computeName: 'aks-gpu',
    });
    expect(compute.computeId).toBe(`${workspace.azure?.workspaceId}/computes/aks-gpu`);
    expect(compute.dependables).toEqual([]);
  });

  it.each([
    ['Standard_NC6', 'retired (NC-series, Tesla K80); use Standard_NC4as_T4_v3'],
    ['Standard_NC6s_v3', 'retired (NCv3-series, Tesla V100); use Standard_NC24ads_A100_v4'],
  ])('suggests the successor of the retired size %s', (vmSize, rest) => {
    expect(refusal(() => declareCompute(stack, { vmSize }))).toBe(`stack/Compute: ${vmSize} is ${rest}`);
  });

  it.each([
    [
      { routerHighAvailability: true, nodeCount: 2 },
      'routerHighAvailability requires 3 nodes, but the node pool has 2; raise nodeCount to 3 or set routerHighAvailability to false',
    ],
    [{ instanceTypes: [] }, 'instanceTypes is empty; omit it to use the default, or add an instance type'],
    [
      { instanceTypes: [{ name: 'gpu' }, { name: 'gpu' }] },
      'two instance types have the name "gpu"; set a unique name for each',
    ],
    [
      { instanceTypes: [{ name: 'GPU' }] },
      'the name of an instance type is "GPU"; expected 1 to 63 lowercase letters, digits and "-"',
    ],
    [
      { instanceTypes: [{ name: 'gpu', gpus: 2 }] },
      'gpus of the instance type "gpu" is 2; expected a whole number from 0 to 1, the number of GPUs of a Standard_NC4as_T4_v3 node',
    ],
    [
      { instanceTypes: [{ name: 'gpu', cpu: '3' }] },
      'cpu of the instance type "gpu" is 3 but cpuLimit is 2, and a request cannot exceed its limit; raise cpuLimit or lower cpu',
    ],
    [
      { instanceTypes: [{ name: 'gpu', memory: '2Gi', memoryLimit: '2000Mi' }] },
      'memory of the instance type "gpu" is 2Gi but memoryLimit is 2000Mi, and a request cannot exceed its limit; raise memoryLimit or lower memory',
    ],
    [
      { instanceTypes: [{ name: 'gpu', memory: '4 GB' }] },
      'memory of the instance type "gpu" is "4 GB"; expected a number of bytes, such as 4Gi or 512Mi',
    ],
    [
      { instanceTypes: [{ name: 'gpu', cpu: '0' }] },
      'cpu of the instance type "gpu" is "0"; expected a number of cores, such as 2 or 500m',
    ],
    [
      { nodeCount: 1, extensionSettings: { inferenceRouterHA: 'True' } },
      'extensionSettings contains "inferenceRouterHA", which routerHighAvailability controls; remove it and set routerHighAvailability',
    ],
    [
      { extensionSettings: { allowInsecureConnections: 'True' } },
      'extensionSettings contains "allowInsecureConnections", which ssl controls; remove it and set ssl',
    ],
    [
      { computeName: 'a-name-of-18-signs' },
      'computeName is "a-name-of-18-signs"; expected 2 to 16 letters, digits and "-", starting with a letter, not ending with "-"',
    ],
    [
      { releaseTrain: 'stable', extensionVersion: '1.1.80' },
      'releaseTrain is "stable" and extensionVersion is "1.1.80", but an extension either ' +
        'follows a release train or is pinned to a version; remove one of them',
    ],
  ])('rejects %j', (props, message) => {
    expect(refusal(() => declareCompute(stack, props))).toBe(`stack/Compute: ${message}`);
  });

  it('rejects a size for a cluster that has one', () => {
    expect(refusal(() => declareExisting({ vmSize: 'Standard_NC4as_T4_v3', nodeCount: 1 }))).toBe(
      'stack/Compute: vmSize and nodeCount apply only to a new cluster, but cluster is set; configure the nodes of that cluster instead',
    );
  });

  it('rejects a cluster whose nodes Azure ML’s pods could not use', () => {
    const workspace = new Workspace(stack, 'Workspace', { location: 'westeurope' });
    const cluster = new ScoringCluster(stack, 'Cluster', {
      workspace,
      access: ClusterAccess.adminCertificate(),
      accelerator: Accelerator.gpu('Standard_NC4as_T4_v3'),
    });
    expect(refusal(() => declareCompute(stack, { workspace, cluster }))).toBe(
      'stack/Compute: the nodes of stack/Cluster have the taint sku=gpu:NoSchedule, which Azure ML pods do not tolerate, ' +
        'so they would never be scheduled; set its accelerator to AttachedKubernetesCluster.gpu(…)',
    );
  });

  it('rejects a cluster without local accounts', () => {
    const workspace = new Workspace(stack, 'Workspace', { location: 'westeurope' });
    const cluster = new ScoringCluster(stack, 'Cluster', { workspace, access: ClusterAccess.entraId() });
    expect(refusal(() => declareCompute(stack, { workspace, cluster }))).toBe(
      'stack/Compute: local accounts of the cluster stack/Cluster are disabled, which Azure ML does not support; ' +
        'set its access to ClusterAccess.adminCertificate()',
    );
  });

  it('rejects a certificate that only this machine could make, and a workspace on it', () => {
    expect(
      refusal(() =>
        declareCompute(stack, { ssl: SslSettings.selfSigned({ hostname: 'scoring.localhost' }) }),
      ),
    ).toMatch(/^stack\/Compute: SslSettings\.selfSigned .* on Azure, use fromKeyVaultCertificate/);
    const local = azureStack(project, 'local');
    expect(
      refusal(() => declareCompute(local, { workspace: new LocalWorkspace(local, 'Workspace') })),
    ).toContain('is local, so it cannot contain a compute');
  });
});
