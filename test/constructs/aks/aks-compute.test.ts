import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { Aspects, TerraformStack, TerraformVariable } from 'cdktf';
import type { IConstruct } from 'constructs';

import {
  Accelerator,
  AksCompute,
  ApiKeys,
  Autoscaling,
  BrainwaveWebservice,
  ExternalTrafficPolicy,
  KubernetesService,
  LocalWorkspace,
  ModelServer,
  ModelServerProtocol,
  PodSecurity,
  PublicAddress,
  RegisteredModel,
  Rollout,
  ScoringCluster,
  Sample,
  SmokeTest,
  SslSettings,
  type AksComputeProps,
} from '../../../constructs';
import { serveConfigurationSchema } from '../../../lib/contract/serve-configuration';
import { issueCertificate } from '../../support/certificates';
import {
  acceleratedDefinition,
  azureStack,
  declareCluster,
  declareService,
  image,
  REGISTRY_ID,
  type ServiceVariation,
} from '../support/aks';
import { azureStackWithContext } from '../support/azure-stack';
import { refusal } from '../support/messages';
import { difference, TerraformJson, type Difference } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

const GPU = 'Standard_NC4as_T4_v3';

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly value_from?: unknown }[];
  readonly resources: { readonly limits: Readonly<Record<string, string>> };
  readonly security_context: Readonly<Record<string, unknown>>;
  readonly volume_mount: readonly { readonly mount_path: string; readonly name: string }[];
  readonly startup_probe?: Readonly<Record<string, unknown>>;
  readonly readiness_probe?: Readonly<Record<string, unknown>>;
  readonly liveness_probe?: Readonly<Record<string, unknown>>;
}

interface PodSpec {
  readonly container: readonly Container[];
  readonly init_container?: readonly Container[];
  readonly node_selector: Readonly<Record<string, string>>;
  readonly toleration?: readonly unknown[];
  readonly topology_spread_constraint: readonly { readonly topology_key: string }[];
  readonly volume: readonly Readonly<Record<string, unknown>>[];
}

interface DeploymentJson {
  readonly depends_on: readonly string[];
  readonly lifecycle?: unknown;
  readonly spec: {
    readonly replicas?: string;
    readonly progress_deadline_seconds: number;
    readonly strategy: { readonly rolling_update: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: PodSpec;
    };
  };
}

const VAULT_ID =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.KeyVault/vaults/scoring';

describe('a web service on AKS', () => {
  let project: TestProject;
  let stack: TerraformStack;

  beforeEach(() => {
    project = new TestProject();
    stack = azureStack(project);
  });

  afterEach(() => {
    project.leave();
  });

  function synth(variation: ServiceVariation = {}): TerraformJson {
    declareService(project, stack, variation);
    return new TerraformJson(stack);
  }

  function gpuCluster(vmSize = GPU, nodeCount = 1): ScoringCluster {
    return declareCluster(stack, { accelerator: Accelerator.gpu(vmSize), nodeCount });
  }

  function deploymentOf(json: TerraformJson): DeploymentJson {
    return json.only('kubernetes_deployment_v1') as unknown as DeploymentJson;
  }

  function configurationOf(json: TerraformJson): unknown {
    const { data } = json.only('kubernetes_config_map_v1') as { data: Record<string, string> };
    return JSON.parse(data['configuration.json']) as unknown;
  }

  function secretVariable(name: string): TerraformVariable {
    return new TerraformVariable(stack, name, { type: 'string', sensitive: true });
  }

  function variableSsl(): SslSettings {
    return SslSettings.fromVariables({
      certificate: secretVariable('certificate'),
      privateKey: secretVariable('private-key'),
      hostname: 'scoring.example.com',
    });
  }

  describe('by default', () => {
    it('runs the scoring server on CPUs, locked down, with the configuration that the server reads', () => {
      const json = synth();
      const { spec } = deploymentOf(json);
      const [container, ...others] = spec.template.spec.container;

      expect(others).toEqual([]);
      expect(spec.template.spec.init_container).toBeUndefined();
      expect(container).toMatchObject({
        name: 'scoring',
        image: 'scoring.azurecr.io/pets:1234',
        args: ['serve', '--config', '/etc/cdktf-brainwave/configuration.json'],
        resources: {
          requests: { cpu: '1', memory: '1024Mi' },
          limits: { cpu: '2', memory: '2048Mi' },
        },
      });
      expect(container.security_context).toEqual({
        run_as_non_root: true,
        run_as_user: '65532',
        run_as_group: '65532',
        privileged: false,
        allow_privilege_escalation: false,
        read_only_root_filesystem: true,
        capabilities: { drop: ['ALL'] },
        seccomp_profile: { type: 'RuntimeDefault' },
      });
      const configuration = configurationOf(json);
      expect(serveConfigurationSchema.parse(configuration)).toMatchObject(configuration as object);
      expect(configuration).toEqual({
        model: {
          name: 'pets-service',
          version: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
          path: '/opt/cdktf-brainwave/model/service-definition.zip',
        },
        host: '0.0.0.0',
        port: 50_051,
        workers: 2,
        maxConnectionAgeSeconds: 300,
        healthPort: 8081,
      });
    });

    it('has plaintext health probes, on a port that no Service exposes', () => {
      const json = synth({ service: { ssl: variableSsl() } });
      const [container] = deploymentOf(json).spec.template.spec.container;

      expect(container.startup_probe).toMatchObject({
        grpc: [{ port: 8081 }],
        period_seconds: 1,
        failure_threshold: 120,
      });
      expect(container.readiness_probe).toMatchObject({ grpc: [{ port: 8081 }] });
      expect(container.liveness_probe).toMatchObject({ http_get: { path: '/livez', port: '8081' } });
      expect(json.only('kubernetes_service_v1')).toMatchObject({
        spec: { port: [{ port: 443, target_port: '50051' }] },
      });
    });

    it('tells its pods their revision, which a smoke test then requires of each connection', () => {
      const service = declareService(project, stack, { service: { ssl: variableSsl(), replicas: 2 } });
      new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
      const json = new TerraformJson(stack);
      const { metadata, spec } = deploymentOf(json).spec.template;
      const reference = metadata.labels['cdktf-brainwave/revision'];

      expect(reference).toMatch(/^\$\{terraform_data\.Service_Aks_Revision_\w+\.id\}$/);
      expect(spec.container[0].env).toEqual([
        {
          name: 'CDKTF_BRAINWAVE_REVISION',
          value_from: { field_ref: { field_path: "metadata.labels['cdktf-brainwave/revision']" } },
        },
      ]);
      expect(service.endpoint).toMatchObject({ reportsRevision: true, rollout: { connections: 8 } });
      const [, test] = [...json.resources].find(([address]) => address.includes('SmokeTest_Run')) ?? [];
      const text = JSON.stringify(test);
      expect(text).toContain(`\\"revision\\":\${jsonencode(${reference.slice(2, -1)})}`);
      expect(text).toContain('kubectl rollout status deployment/');
    });

    it('fails a rollout whose pods are not ready after 5 minutes, or 30 with a model server', () => {
      expect(deploymentOf(synth()).spec.progress_deadline_seconds).toBe(300);

      stack = azureStack(project, 'Accelerated');
      const { spec } = deploymentOf(synth({ cluster: gpuCluster() }));
      expect(spec.progress_deadline_seconds).toBe(1800);
      expect(spec.template.spec.container[0].startup_probe).toMatchObject({ failure_threshold: 600 });
    });

    it('has its own static address, which survives the cluster and its node resource group', () => {
      const json = synth();
      const cluster = json.address('azurerm_kubernetes_cluster');

      const address = json.only('azurerm_public_ip');
      expect(address).toMatchObject({
        name: 'scoring-service-aks',
        allocation_method: 'Static',
        sku: 'Standard',
        location: 'westeurope',
        resource_group_name: 'scoring',
      });
      expect(JSON.stringify(address)).not.toContain(cluster);
      expect(json.all('azurerm_role_assignment')).toContainEqual(
        expect.objectContaining({
          role_definition_name: 'Network Contributor',
          scope: expect.stringMatching(/^\$\{data\.azurerm_resource_group\..*\.id\}$/) as string,
          principal_id: `\${${cluster}.identity[0].principal_id}`,
        }),
      );
      expect(json.data('azurerm_resource_group')).toMatchObject({ name: 'scoring' });
      expect(json.only('kubernetes_service_v1')).toMatchObject({
        metadata: {
          annotations: {
            'service.beta.kubernetes.io/azure-load-balancer-resource-group': 'scoring',
            'service.beta.kubernetes.io/azure-pip-name': `\${${json.address('azurerm_public_ip')}.name}`,
          },
        },
        spec: { type: 'LoadBalancer', port: [{ port: 80 }] },
      });
      expect(json.json).not.toContain('load_balancer_ip"');
    });

    it('allows only inbound calls to its port, and no outbound traffic', () => {
      expect(synth().only('kubernetes_network_policy_v1')).toMatchObject({
        spec: {
          policy_types: ['Ingress', 'Egress'],
          ingress: [{ ports: [{ port: '50051', protocol: 'TCP' }] }],
        },
      });
    });

    it('survives the upgrade of a node, and spreads over nodes and zones', () => {
      const json = synth({ service: { replicas: 3 } });

      expect(json.only('kubernetes_pod_disruption_budget_v1')).toMatchObject({
        spec: { max_unavailable: '1' },
      });
      expect(
        deploymentOf(json).spec.template.spec.topology_spread_constraint.map(
          ({ topology_key }) => topology_key,
        ),
      ).toEqual(['kubernetes.io/hostname', 'topology.kubernetes.io/zone']);
      expect(deploymentOf(json).spec.replicas).toBe('3');
    });

    it('has a namespace that accepts only restricted pods', () => {
      expect(synth().only('kubernetes_namespace_v1')).toMatchObject({
        metadata: {
          name: 'scoring-service',
          labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
        },
      });
    });

    it('starts after its nodes exist and can pull the image', () => {
      const json = synth();

      expect(deploymentOf(json).depends_on).toEqual(
        expect.arrayContaining([
          json.address('azurerm_kubernetes_cluster_node_pool'),
          expect.stringMatching(/^azurerm_role_assignment\..*AcrPull/),
          json.address('kubernetes_config_map_v1'),
        ]),
      );
      expect(json.all('azurerm_role_assignment')).toContainEqual(
        expect.objectContaining({ scope: REGISTRY_ID, role_definition_name: 'AcrPull' }),
      );
      expect(json.only('kubernetes_config_map_v1')).toMatchObject({
        depends_on: [json.address('kubernetes_namespace_v1')],
        provider: 'kubernetes.kubernetes-scoring-cluster',
      });
    });

    it('has no autoscaler, no secret and no keys', () => {
      const json = synth();

      expect(json.all('kubernetes_horizontal_pod_autoscaler_v2')).toEqual([]);
      expect(json.all('kubernetes_secret_v1')).toEqual([]);
      expect(json.all('random_password')).toEqual([]);
      expect(json.json).not.toContain('kubernetes_manifest');
    });
  });

  describe('on GPUs', () => {
    it('runs Triton next to the scoring server, on a dedicated GPU', () => {
      const json = synth({ cluster: gpuCluster() });
      const pod = deploymentOf(json).spec.template.spec;
      const [, triton] = pod.container;

      expect(triton).toMatchObject({
        name: 'triton',
        image: expect.stringMatching(
          /^nvcr\.io\/nvidia\/tritonserver:26\.08-py3@sha256:[0-9a-f]{64}$/,
        ) as string,
        command: ['tritonserver'],
        resources: { requests: { 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '1' } },
        security_context: {
          run_as_non_root: true,
          run_as_user: '1000',
          read_only_root_filesystem: true,
          allow_privilege_escalation: false,
          capabilities: { drop: ['ALL'] },
        },
      });
      expect(triton.args).toEqual(
        expect.arrayContaining([
          '--model-repository=/models',
          '--grpc-address=127.0.0.1',
          '--grpc-port=8001',
        ]),
      );
      expect(serveConfigurationSchema.parse(configurationOf(json))).toMatchObject({
        accelerator: { protocol: 'kserve-v2', address: '127.0.0.1:8001' },
      });
      expect(pod.node_selector).toEqual({ 'kubernetes.azure.com/agentpool': 'scoring' });
      expect(pod.toleration).toEqual([{ key: 'sku', value: 'gpu', effect: 'NoSchedule', operator: 'Equal' }]);
    });

    it('leaves the version to Triton if it is not a number, as the SDK of 2018 and 2019 numbered its models', () => {
      const definition = acceleratedDefinition(project, { version: '1.1.6-rc' });

      const json = synth({ cluster: gpuCluster(), definition });

      expect(serveConfigurationSchema.parse(configurationOf(json))).toMatchObject({
        accelerator: { protocol: 'kserve-v2', modelVersion: '' },
      });
    });

    it('creates the model repository from the model in the image before Triton starts', () => {
      const pod = deploymentOf(synth({ cluster: gpuCluster() })).spec.template.spec;
      const [init] = pod.init_container ?? [];
      const volume = init.volume_mount.find(({ mount_path }) => mount_path === '/models');

      expect(init).toMatchObject({
        image: 'scoring.azurecr.io/pets:1234',
        args: [
          'triton-repository',
          '--model',
          '/opt/cdktf-brainwave/model/service-definition.zip',
          '--output',
          '/models',
        ],
      });
      expect(pod.container[1].volume_mount).toContainEqual({
        name: volume?.name,
        mount_path: '/models',
        read_only: true,
      });
    });

    it('stops a pod first if every GPU is in use, and adds a pod first if a GPU is free', () => {
      const full = deploymentOf(synth({ cluster: gpuCluster() }));
      expect(full.spec.strategy.rolling_update).toEqual({ max_surge: '0', max_unavailable: '1' });

      stack = azureStack(project, 'Roomy');
      const roomy = deploymentOf(synth({ cluster: gpuCluster(GPU, 2) }));
      expect(roomy.spec.strategy.rolling_update).toEqual({ max_surge: '1', max_unavailable: '0' });
    });

    it('runs a custom model server', () => {
      const json = synth({
        cluster: gpuCluster('Standard_NC64as_T4_v3'),
        definition: acceleratedDefinition(project, { software: false }),
        compute: {
          modelServer: ModelServer.custom({
            image: 'scoring.azurecr.io/serving:1',
            containerRegistryId: `${REGISTRY_ID}2`,
            protocol: ModelServerProtocol.TENSORFLOW_SERVING,
            port: 8500,
            modelName: 'resnet',
            modelVersion: '3',
            maxBatch: 64,
            maxBatchDelayMs: 5,
            maxMessageBytes: 8_388_608,
            command: ['serve'],
            args: ['--verbose'],
            environment: { MODEL: 'pets' },
            devices: 2,
            runAsUser: 4711,
            healthCommand: ['check'],
            writableFolders: ['/var/cache'],
            resources: { cpuCores: 0.5, cpuLimitCores: 1, memoryMiB: 100, memoryLimitMiB: 200 },
          }),
        },
      });
      const pod = deploymentOf(json).spec.template.spec;

      expect(pod.init_container).toBeUndefined();
      expect(pod.container[1]).toMatchObject({
        name: 'model-server',
        image: 'scoring.azurecr.io/serving:1',
        command: ['serve'],
        args: ['--verbose'],
        env: [{ name: 'MODEL', value: 'pets' }],
        security_context: { run_as_user: '4711', run_as_non_root: true },
        resources: {
          requests: { cpu: '500m', memory: '100Mi', 'nvidia.com/gpu': '2' },
          limits: { cpu: '1', memory: '200Mi', 'nvidia.com/gpu': '2' },
        },
        readiness_probe: { exec: { command: ['check'] } },
        liveness_probe: { exec: { command: ['check'] } },
      });
      expect(pod.container[1].volume_mount.map(({ mount_path }) => mount_path)).toEqual([
        '/tmp',
        '/var/cache',
        '/dev/shm',
      ]);
      expect(serveConfigurationSchema.parse(configurationOf(json))).toMatchObject({
        accelerator: {
          protocol: 'tensorflow-serving',
          address: '127.0.0.1:8500',
          modelName: 'resnet',
          modelVersion: '3',
          maxBatch: 64,
          maxBatchDelayMs: 5,
          maxMessageBytes: 8_388_608,
        },
      });
      expect(json.all('azurerm_role_assignment').map(({ scope }) => scope)).toEqual(
        expect.arrayContaining([REGISTRY_ID, `${REGISTRY_ID}2`]),
      );
    });

    it('accepts another image and more options for Triton', () => {
      const json = synth({
        cluster: gpuCluster(),
        compute: {
          modelServer: ModelServer.triton({
            image: 'scoring.azurecr.io/triton:1',
            devices: 1,
            args: ['--log-verbose=1'],
            resources: { cpuCores: 2, memoryMiB: 8192 },
          }),
        },
      });
      const triton = deploymentOf(json).spec.template.spec.container[1];

      expect(triton.image).toBe('scoring.azurecr.io/triton:1');
      expect(triton.args?.at(-1)).toBe('--log-verbose=1');
      expect(triton.resources).toMatchObject({ requests: { cpu: '2', memory: '8192Mi' } });
    });

    it('warns of GPUs that the model does not use', () => {
      const json = synth({ cluster: gpuCluster(), definition: project.definition() });

      expect(json.warnings).toContain(
        'Scoring/Service: the model "pets-service" has no brainwave stage, so its GPUs stay unused; ' +
          'use Accelerator.cpu(), or make the stage a brainwave stage',
      );
    });
  });

  it('applies every property', () => {
    const compute: Required<Omit<AksComputeProps, 'cluster' | 'namespace'>> = {
      image: { imageUri: 'public.example.com/pets:2', dependables: [] },
      modelServer: ModelServer.triton(),
      port: 8443,
      autoscaling: Autoscaling.cpu({ maxReplicas: 3, utilizationPercent: 50 }),
      exposure: PublicAddress.inResourceGroup('addresses', { tags: { team: 'vision' } }),
      allowedSourceRanges: ['203.0.113.0/24'],
      resources: { cpuCores: 2, cpuLimitCores: 4, memoryMiB: 2048, memoryLimitMiB: 4096 },
      podSecurity: PodSecurity.BASELINE,
      externalTrafficPolicy: ExternalTrafficPolicy.LOCAL,
      rollout: Rollout.rolling(),
    };
    const json = synth({
      cluster: gpuCluster(GPU, 3),
      compute,
      service: {
        ssl: variableSsl(),
        replicas: 2,
        maxInFlight: 9,
        allowedOrigins: ['https://pets.example.com'],
        serviceName: 'Pets',
      },
    });

    expect(json.only('kubernetes_horizontal_pod_autoscaler_v2')).toMatchObject({
      spec: {
        min_replicas: 2,
        max_replicas: 3,
        scale_target_ref: { kind: 'Deployment', name: expect.stringMatching(/^pets-/) as string },
        metric: [{ resource: { name: 'cpu', target: { average_utilization: 50 } } }],
      },
    });
    // The first rollout starts with them.
    expect(deploymentOf(json).spec.replicas).toBe('2');
    expect(deploymentOf(json).lifecycle).toMatchObject({ ignore_changes: ['spec[0].replicas'] });
    expect(json.only('azurerm_public_ip')).toMatchObject({
      resource_group_name: 'addresses',
      tags: { team: 'vision' },
    });
    expect(json.only('azurerm_role_assignment')).toMatchObject({
      role_definition_name: 'Network Contributor',
    });
    expect(json.only('kubernetes_service_v1')).toMatchObject({
      depends_on: expect.arrayContaining([json.address('azurerm_role_assignment')]) as string[],
      metadata: {
        annotations: { 'service.beta.kubernetes.io/azure-load-balancer-resource-group': 'addresses' },
      },
      spec: { port: [{ port: 8443 }], load_balancer_source_ranges: ['203.0.113.0/24'] },
    });
    expect(json.only('kubernetes_namespace_v1')).toMatchObject({
      metadata: { name: 'pets', labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } },
    });
    expect(configurationOf(json)).toMatchObject({
      workers: 4,
      maxInFlight: 9,
      allowedOrigins: ['https://pets.example.com'],
    });
    expect(deploymentOf(json).spec.template.spec.container[0]).toMatchObject({
      image: 'public.example.com/pets:2',
      resources: { limits: { cpu: '4', memory: '4096Mi' } },
    });
  });

  it('goes into a namespace that exists, behind an address that exists', () => {
    const json = synth({
      compute: {
        namespace: 'shared',
        exposure: PublicAddress.fromPublicIpName('scoring-ip', 'addresses'),
      },
    });

    expect(json.all('kubernetes_namespace_v1')).toEqual([]);
    expect(json.all('azurerm_public_ip')).toEqual([]);
    expect(json.data('azurerm_public_ip')).toMatchObject({
      name: 'scoring-ip',
      resource_group_name: 'addresses',
    });
    expect(json.only('kubernetes_service_v1')).toMatchObject({
      metadata: {
        namespace: 'shared',
        annotations: { 'service.beta.kubernetes.io/azure-pip-name': 'scoring-ip' },
      },
    });
  });

  it('shares a cluster, its provider and its roles with other services', () => {
    const cluster = declareCluster(stack);
    declareService(project, stack, { cluster });
    declareService(project, stack, { cluster, id: 'Other' });
    const json = new TerraformJson(stack);

    expect(json.providers('kubernetes')).toHaveLength(1);
    expect(
      json
        .all('azurerm_role_assignment')
        .map(({ role_definition_name: role }) => role)
        .sort(),
    ).toEqual(['AcrPull', 'Network Contributor']);
    expect(json.all('azurerm_public_ip').map(({ name }) => name)).toEqual(
      expect.arrayContaining(['scoring-service-aks', 'scoring-other-aks']),
    );
  });

  it('uses the azurerm provider of its cluster', () => {
    const provider = new AzurermProvider(stack, 'second', { alias: 'second', features: [{}] });
    const json = synth({ cluster: declareCluster(stack, { provider }) });

    expect(json.only('azurerm_public_ip')).toMatchObject({ provider: 'azurerm.second' });
    for (const role of json.all('azurerm_role_assignment')) {
      expect(role).toMatchObject({ provider: 'azurerm.second' });
    }
  });

  it('has the tags that an aspect adds', () => {
    Aspects.of(stack).add({
      visit(node: IConstruct) {
        if ('tagsInput' in node) {
          (node as unknown as { tags: Record<string, string> }).tags = { cost: '42' };
        }
      },
    });

    expect(synth().only('azurerm_public_ip')).toMatchObject({ tags: { cost: '42' } });
  });

  it('has its resources at hand', () => {
    const service = declareService(project, stack, { service: { ssl: variableSsl() } });
    const aks = KubernetesService.of(service);

    expect(aks.deployment.metadataInput?.name).toMatch(/^scoring-service-/);
    expect([aks.service, aks.secret, aks.configMap, aks.namespace, aks.networkPolicy]).not.toContain(
      undefined,
    );
    expect(refusal(() => KubernetesService.of(stack))).toBe(
      'Scoring: the service does not run on Kubernetes; pass a service whose compute is KubernetesCompute or AksCompute',
    );
  });

  describe('with TLS', () => {
    it('hands the certificate and the keys to the pods in a secret, by reference only', () => {
      const service = declareService(project, stack, {
        service: {
          ssl: variableSsl(),
          keys: ApiKeys.fromVariables({
            primaryKey: secretVariable('primary'),
            secondaryKey: secretVariable('secondary'),
          }),
        },
      });
      const json = new TerraformJson(stack);

      expect(json.only('kubernetes_secret_v1')).toMatchObject({
        type: 'Opaque',
        data_wo: {
          'tls.crt': '${sensitive(var.certificate)}',
          'tls.key': '${sensitive(var.private-key)}',
          'keys.json':
            '{"primaryKey":${jsonencode(sensitive(var.primary))},"secondaryKey":${jsonencode(sensitive(var.secondary))}}',
        },
        data_wo_revision: 1,
      });
      expect(json.only('kubernetes_secret_v1')).not.toHaveProperty('data');
      expect(json.requiredVersion).toBe('>= 1.11.0');
      expect(configurationOf(json)).toMatchObject({
        tls: { certificateFile: 'tls.crt', privateKeyFile: 'tls.key' },
        keyFile: 'keys.json',
      });
      expect(deploymentOf(json).spec.template.spec.volume[0]).toEqual({
        name: 'configuration',
        projected: [
          {
            default_mode: '0440',
            sources: [
              { config_map: [{ name: `\${${json.address('kubernetes_config_map_v1')}.metadata[0].name}` }] },
              { secret: [{ name: `\${${json.address('kubernetes_secret_v1')}.metadata[0].name}` }] },
            ],
          },
        ],
      });
      expect(deploymentOf(json).depends_on).toContain(json.address('kubernetes_secret_v1'));
      expect(service.hostname).toBe('scoring.example.com');
      expect(service.port).toBe(443);
      expect(service.endpoint.primaryKey).toBeDefined();
    });

    it('generates keys unless they are provided', () => {
      const json = synth({ service: { ssl: variableSsl() } });

      expect(json.all('random_password')).toHaveLength(2);
      expect(JSON.stringify(json.only('kubernetes_secret_v1'))).toMatch(
        /\$\{jsonencode\(sensitive\(random_password\.\w+\.result\)\)\}/,
      );
    });

    it('reads PEM files relative to the project when Terraform plans, in any folder', async () => {
      const { certificate, privateKey } = await issueCertificate({ names: ['scoring.example.com'] });
      const json = synth({
        service: {
          ssl: SslSettings.fromPemFiles({
            certificateFile: project.write('tls/certificate.pem', certificate),
            privateKeyFile: project.write('tls/key.pem', privateKey),
            allowSelfSigned: true,
          }),
        },
      });

      expect(json.only('kubernetes_secret_v1')).toMatchObject({
        data_wo: {
          'tls.crt': '${sensitive(file("${path.module}/../../../tls/certificate.pem"))}',
          'tls.key': '${sensitive(file("${path.module}/../../../tls/key.pem"))}',
        },
      });
      expect(json.json).not.toContain('BEGIN');
      expect(json.json).not.toContain(project.folder);
    });

    it('tells clients of a self-signed certificate in a file to trust it', async () => {
      const { certificate, privateKey } = await issueCertificate({ names: ['scoring.example.com'] });
      const service = declareService(project, stack, {
        service: {
          ssl: SslSettings.fromPemFiles({
            certificateFile: project.write('certificate.pem', certificate),
            privateKeyFile: project.write('key.pem', privateKey),
            allowSelfSigned: true,
          }),
        },
      });

      expect(service.endpoint.rootCertificateFile).toBe('certificate.pem');
    });

    it('uses a certificate from a Key Vault, and replaces the pods when the vault has a new version', () => {
      const json = synth({
        service: {
          ssl: SslSettings.fromKeyVaultCertificate({
            keyVaultId: VAULT_ID,
            certificateName: 'scoring',
            hostname: 'scoring.example.com',
          }),
        },
      });
      const [[address, certificate]] = [...json.ephemerals];
      const { version, ...vault } = certificate;

      expect(address).toMatch(/^azurerm_key_vault_certificate\.Service_Aks_Certificate_\w+$/);
      expect(vault).toMatchObject({
        key_vault_id: expect.stringMatching(/scoring$/) as string,
        name: 'scoring',
      });
      expect(json.only('kubernetes_secret_v1').data_wo).toMatchObject({
        'tls.crt': `\${ephemeral.${address}.pem}`,
        'tls.key': `\${ephemeral.${address}.key}`,
      });
      // The version is public, and so is everything else that this data source stores.
      expect(version).toMatch(
        /^\$\{data\.azurerm_key_vault_certificate\.Service_Aks_CertificateVersion_\w+\.version\}$/,
      );
      expect(revisionOf(json)).toMatchObject({ certificate: version });
    });

    it('reads keys from a Key Vault without storing them, and replaces the pods when the vault has a new version', () => {
      const service = declareService(project, stack, {
        service: {
          ssl: variableSsl(),
          keys: ApiKeys.fromKeyVaultSecrets({ keyVaultId: VAULT_ID }),
        },
      });
      new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
      const json = new TerraformJson(stack);
      const addresses = [...json.ephemerals.keys()];
      const ofService = addresses.filter((each) => each.includes('.Service_Aks_'));
      const ofTest = addresses.filter((each) => each.includes('.SmokeTest_'));

      expect([ofService, ofTest].map(({ length }) => length)).toEqual([2, 2]);
      expect(json.only('kubernetes_secret_v1').data_wo).toMatchObject({
        'keys.json': `{"primaryKey":\${jsonencode(ephemeral.${ofService[0]}.value)},"secondaryKey":\${jsonencode(ephemeral.${ofService[1]}.value)}}`,
      });
      expect(JSON.stringify(revisionOf(json))).toContain('.output.properties.secretUriWithVersion');
      expect(JSON.stringify(json.all('terraform_data'))).toContain(`\${ephemeral.${ofTest[0]}.value}`);
      expect(json.json).not.toContain('"azurerm_key_vault_secret":{"Service');
      expect([service.endpoint.primaryKey, service.endpoint.secondaryKey]).toEqual([undefined, undefined]);
      expect(refusal(() => service.primaryKey)).toBe(
        'Scoring/Service: its primaryKey is not available as a Terraform value, because the key is in a key vault and not in ' +
          'the state; read the secret from the vault where the key is used',
      );
    });

    it('stores the secrets for an older Terraform if the context says so, with a warning', () => {
      stack = azureStackWithContext(project, { 'cdktf-brainwave:secretsInState': 'true' }, 'Scoring');
      const json = synth({
        service: {
          ssl: SslSettings.fromKeyVaultCertificate({
            keyVaultId: VAULT_ID,
            certificateName: 'scoring',
            hostname: 'scoring.example.com',
          }),
          keys: ApiKeys.fromKeyVaultSecrets({ keyVaultId: VAULT_ID }),
        },
      });

      expect([...json.ephemerals]).toEqual([]);
      expect(json.requiredVersion).toBeUndefined();
      expect(json.only('kubernetes_secret_v1').data).toMatchObject({
        'tls.key': expect.stringMatching(
          /^\$\{data\.azurerm_key_vault_certificate_data\.\w+\.key\}$/,
        ) as string,
        'keys.json': expect.stringContaining('sensitive(data.azurerm_key_vault_secret.') as string,
      });
      expect(json.warnings).toContain(
        'Scoring: the context cdktf-brainwave:secretsInState is set, so the state contains the private keys and keys of ' +
          'services; remove it once Terraform or OpenTofu is 1.11 or later',
      );
    });

    it('rejects a certificate that only LocalCompute can generate', () => {
      const ssl = SslSettings.selfSigned({ hostname: 'scoring.example.com' });

      expect(refusal(() => declareService(project, stack, { service: { ssl } }))).toMatch(
        /^Scoring\/Service\S*: SslSettings\.selfSigned .+fromKeyVaultCertificate .+fromVariables or fromPemFiles$/,
      );
    });
  });

  function revisionOf(json: TerraformJson): unknown {
    const [, found] = [...json.resources].find(([address]) => address.includes('_Aks_Revision_')) ?? [];
    return found?.triggers_replace;
  }

  it('makes a smoke test wait for the rollout and the load balancer, and run again after a change', () => {
    const service = declareService(project, stack, { service: { ssl: variableSsl() } });
    new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
    const json = new TerraformJson(stack);
    const [, test] = [...json.resources].find(([address]) => address.includes('SmokeTest_Run')) ?? [];

    expect(test?.depends_on).toEqual(
      expect.arrayContaining([
        json.address('kubernetes_deployment_v1'),
        json.address('kubernetes_service_v1'),
      ]),
    );
    expect(JSON.stringify(test?.triggers_replace)).toMatch(/terraform_data\.Service_Aks_Revision_\w+\.id/);
    expect(JSON.stringify(test)).toContain(`${json.address('azurerm_public_ip')}.ip_address`);
  });

  it('is the same from synth to synth', () => {
    const first = synth({ cluster: gpuCluster(), service: { ssl: variableSsl() } }).json;
    stack = azureStack(project);

    expect(synth({ cluster: gpuCluster(), service: { ssl: variableSsl() } }).json).toBe(first);
  });

  describe('changed while it is deployed', () => {
    /**
     * Arguments whose change makes Terraform replace a resource, by the providers' documentation ("forces a new
     * resource"): what an update in place must not touch.
     */
    const REPLACING: Readonly<Record<string, readonly string[]>> = {
      kubernetes_deployment_v1: ['metadata.name', 'metadata.namespace', 'spec.selector'],
      kubernetes_service_v1: ['metadata.name', 'metadata.namespace'],
      kubernetes_secret_v1: ['metadata.name', 'metadata.namespace', 'type', 'immutable'],
      kubernetes_config_map_v1: ['metadata.name', 'metadata.namespace', 'immutable'],
      kubernetes_horizontal_pod_autoscaler_v2: ['metadata.name', 'metadata.namespace'],
      kubernetes_pod_disruption_budget_v1: ['metadata', 'spec'],
    };

    /** Nothing of a change may reach these: the address, the load balancer's annotations, the cluster, the nodes. */
    const UNTOUCHED = [
      'azurerm_public_ip',
      'azurerm_kubernetes_cluster',
      'azurerm_kubernetes_cluster_node_pool',
      'azurerm_role_assignment',
      'kubernetes_namespace_v1',
      'kubernetes_network_policy_v1',
      'kubernetes_daemon_set_v1',
    ];

    function change(
      before: () => ServiceVariation,
      after: () => ServiceVariation,
      prepare: () => void = () => undefined,
    ): Difference {
      const [old, now] = [before, after].map((variation) => {
        stack = azureStack(project);
        prepare();
        return synth(variation());
      });
      const found = difference(old, now);
      expect(Object.keys(found.changed).filter((type) => UNTOUCHED.includes(type))).toEqual([]);
      for (const [type, paths] of Object.entries(found.changed)) {
        const replacing = REPLACING[type] ?? [];
        expect(
          paths.filter((path) => replacing.some((each) => path === each || path.startsWith(`${each}.`))),
        ).toEqual([]);
      }
      return found;
    }

    /** Of all that is in a `terraform_data`, that it changes. */
    function ofService({ added, removed, changed }: Difference): Difference {
      const others = Object.entries(changed).filter(([type]) => type !== 'terraform_data');
      return {
        added,
        removed,
        changed: {
          ...Object.fromEntries(others),
          ...('terraform_data' in changed && { revision: ['changed'] }),
        },
      };
    }

    it('enables TLS in place: pods roll, the port changes, the address stays', () => {
      const found = change(
        () => ({}),
        () => ({ service: { ssl: variableSsl() } }),
      );

      expect(ofService(found)).toEqual({
        added: ['kubernetes_secret_v1', 'random_password', 'random_password'],
        removed: [],
        changed: {
          kubernetes_config_map_v1: ['data.configuration.json'],
          kubernetes_deployment_v1: ['depends_on', 'spec.template.spec.volume.projected.sources'],
          kubernetes_service_v1: ['spec.port.port'],
          revision: ['changed'],
        },
      });
    });

    it('changes a certificate in place', async () => {
      const pairs = await Promise.all([1, 2].map(() => issueCertificate({ names: ['scoring.example.com'] })));
      const ssl = (index: number) => () => ({
        service: {
          ssl: SslSettings.fromPemFiles({
            certificateFile: project.write('certificate.pem', pairs[index].certificate),
            privateKeyFile: project.write('key.pem', pairs[index].privateKey),
            allowSelfSigned: true,
          }),
        },
      });

      // The secret's arguments name files, whose new content Terraform reads.
      expect(ofService(change(ssl(0), ssl(1)))).toEqual({
        added: [],
        removed: [],
        changed: { revision: ['changed'] },
      });
    });

    it('rotates one key in place and keeps the other', () => {
      const keys = (primaryRotation: string) => () => ({
        service: { ssl: variableSsl(), keys: ApiKeys.generated({ primaryRotation }) },
      });

      expect(ofService(change(keys('1'), keys('2')))).toEqual({
        added: [],
        removed: [],
        changed: { random_password: ['keepers.rotation'] },
      });
      stack = azureStack(project);
      expect(JSON.stringify(revisionOf(synth(keys('2')())))).toMatch(
        /sha256\(join\(\\"\\\\n\\", \[sensitive\(random_password\.\w+PrimaryKey_\w+\.result\), sensitive\(random_password/,
      );
    });

    it('changes the model in place', () => {
      const model = (features: number, imageUri: string) => () => ({
        definition: acceleratedDefinition(project, { features }),
        compute: { image: { ...image, imageUri } },
      });

      expect(ofService(change(model(8, 'r.azurecr.io/pets:1'), model(9, 'r.azurecr.io/pets:2')))).toEqual({
        added: [],
        removed: [],
        changed: {
          kubernetes_config_map_v1: ['data.configuration.json'],
          kubernetes_deployment_v1: ['spec.template.spec.container.image'],
          revision: ['changed'],
        },
      });
    });

    it('changes the number of replicas in place', () => {
      const replicas = (count: number) => () => ({ service: { replicas: count } });

      expect(change(replicas(1), replicas(3))).toEqual({
        added: [],
        removed: [],
        // The apply waits for the new pods.
        changed: {
          kubernetes_deployment_v1: ['spec.replicas'],
          terraform_data: ['triggers_replace.replicas'],
        },
      });
    });
  });

  describe('is rejected', () => {
    const cpuMessage =
      'Scoring/Service: stage "pets" of the model "pets-service" has no software; ' +
      'add software to the stage to run it on CPUs, or set modelServer: ModelServer.custom(…) to a model server that runs it';

    it('rejects more replicas than GPUs', () => {
      const cluster = gpuCluster('Standard_NC64as_T4_v3');

      expect(refusal(() => declareService(project, stack, { cluster, service: { replicas: 5 } }))).toBe(
        'Scoring/Service: replicas is 5, but the node pool has 4 GPUs; raise nodeCount to 2 or lower replicas',
      );
    });

    it('rejects a higher maximum of replicas than of GPUs', () => {
      const cluster = declareCluster(stack, { accelerator: Accelerator.gpu(GPU), maxNodeCount: 2 });
      const compute = { autoscaling: Autoscaling.cpu({ maxReplicas: 3 }) };

      expect(refusal(() => declareService(project, stack, { cluster, compute }))).toBe(
        'Scoring/Service: maxReplicas is 3, but the node pool has 2 GPUs; raise maxNodeCount to 3 or lower maxReplicas',
      );
    });

    it('for GPUs that other services have', () => {
      const cluster = gpuCluster(GPU, 2);
      declareService(project, stack, { cluster, id: 'First' });

      expect(refusal(() => declareService(project, stack, { cluster, service: { replicas: 2 } }))).toBe(
        'Scoring/Service: replicas is 2 and other services on the cluster use 1, but the node pool has 2 GPUs; ' +
          'raise nodeCount to 3 or lower replicas',
      );
    });

    it('for more GPUs a replica than a node has', () => {
      const cluster = gpuCluster();
      const compute = { modelServer: ModelServer.triton({ devices: 2 }) };

      expect(refusal(() => declareService(project, stack, { cluster, compute }))).toBe(
        `Scoring/Service: a replica needs 2 GPUs, but a ${GPU} node has 1; choose a larger size or lower devices`,
      );
    });

    it('for a stage that nothing can run', () => {
      const definition = acceleratedDefinition(project, { software: false });

      expect(refusal(() => declareService(project, stack, { definition }))).toBe(cpuMessage);
      stack = azureStack(project);
      expect(refusal(() => declareService(project, stack, { cluster: gpuCluster(), definition }))).toBe(
        'Scoring/Service: stage "pets" of the model "pets-service" has no software; ' +
          'add software to the stage for Triton, or set modelServer: ModelServer.custom(…) to a model server that runs it',
      );
    });

    it('for a stage that Triton would reject', () => {
      const definition = acceleratedDefinition(project, { version: '0' });

      expect(refusal(() => declareService(project, stack, { cluster: gpuCluster(), definition }))).toBe(
        'Scoring/Service: stage "pets": model_version is "0"; Triton accepts whole numbers of at least 1',
      );
    });

    it('for devices that nothing uses', () => {
      const accelerator = Accelerator.custom({
        vmSize: 'Standard_ND96is_MI300X_v5',
        devicesPerNode: 8,
        resourceName: 'amd.com/gpu',
      });

      expect(
        refusal(() => declareService(project, stack, { cluster: declareCluster(stack, { accelerator }) })),
      ).toBe(
        "Scoring/Service: the cluster's nodes have devices (amd.com/gpu), but no model server uses them; " +
          'set modelServer: ModelServer.custom(…)',
      );
    });

    const custom = { image: 'a/b:1', protocol: ModelServerProtocol.KSERVE_V2, port: 8001 };
    const cases: [string, Partial<AksComputeProps>, string][] = [
      [
        'a message size of the model server',
        { modelServer: ModelServer.custom({ ...custom, maxMessageBytes: 1 }) },
        'maxMessageBytes is 1; expected a whole number of at least 65536',
      ],
      [
        'a batch size of the model server',
        { modelServer: ModelServer.custom({ ...custom, maxBatch: 0 }) },
        'maxBatch is 0; expected a whole number of at least 1',
      ],
      [
        'a batch delay of the model server',
        { modelServer: ModelServer.custom({ ...custom, maxBatchDelayMs: 0.5 }) },
        'maxBatchDelayMs is 0.5; expected a whole number of at least 0',
      ],
      ['a port', { port: 0 }, 'port is 0; expected a whole number from 1 to 65535'],
      [
        'the port of TLS without it',
        { port: 443 },
        'port is 443, where clients expect TLS, but TLS is disabled; set ssl, or omit port to use 80',
      ],
      [
        'fewer replicas at most than at least',
        { autoscaling: Autoscaling.cpu({ maxReplicas: 0 }) },
        'maxReplicas is 0; expected a whole number of at least 1 (replicas)',
      ],
      [
        'a utilization',
        { autoscaling: Autoscaling.cpu({ maxReplicas: 2, utilizationPercent: 0 }) },
        'utilizationPercent is 0; expected a whole number from 1 to 100',
      ],
      [
        'a namespace',
        { namespace: 'My_Space' },
        'namespace is "My_Space"; expected 1 to 63 lowercase letters, digits and "-", starting and ending with a letter or digit',
      ],
      [
        'a source range',
        { allowedSourceRanges: ['203.0.113.7'] },
        'allowedSourceRanges contains "203.0.113.7"; expected IPv4 CIDRs, such as 203.0.113.0/24',
      ],
      ['cores', { resources: { cpuCores: 0 } }, 'resources.cpuCores is 0; expected a number greater than 0'],
      [
        'a limit below what is set aside',
        { resources: { memoryMiB: 4096, memoryLimitMiB: 1024 } },
        'resources.memoryLimitMiB is 1024; expected a number of at least 4096 (memoryMiB)',
      ],
      [
        "a model server's port",
        { modelServer: ModelServer.custom({ ...custom, port: 80 }) },
        "the model server's port is 80; expected a whole number from 1024 to 65535",
      ],
      [
        "a model server's user",
        { modelServer: ModelServer.custom({ ...custom, runAsUser: 0 }) },
        'runAsUser is 0; expected the id of a user other than root, a whole number of at least 1',
      ],
      [
        "a model server's image",
        { modelServer: ModelServer.custom({ ...custom, image: '' }) },
        'the model server\'s image is ""; expected registry/name:tag or registry/name@sha256:…',
      ],
      [
        'devices',
        { modelServer: ModelServer.custom({ ...custom, devices: 0 }) },
        'devices is 0; expected a whole number of at least 1',
      ],
    ];

    it.each(cases)('for %s that cannot be', (_, compute, message) => {
      expect(refusal(() => declareService(project, stack, { compute }))).toBe(`Scoring/Service: ${message}`);
    });

    it('for the port of plaintext with TLS', () => {
      expect(
        refusal(() =>
          declareService(project, stack, { compute: { port: 80 }, service: { ssl: variableSsl() } }),
        ),
      ).toBe(
        'Scoring/Service: port is 80, where clients expect plaintext, but TLS is enabled; omit port to use 443, or set another port',
      );
    });
  });

  it('runs a model of which the stack knows only the name', () => {
    const model = RegisteredModel.fromRegisteredModelAttributes(stack, 'Model', {
      modelName: 'pets',
      modelVersion: '7',
    });
    new LocalWorkspace(stack, 'Workspace');
    new BrainwaveWebservice(stack, 'Service', {
      model,
      compute: new AksCompute({ cluster: gpuCluster(), image }),
    });

    expect(configurationOf(new TerraformJson(stack))).toMatchObject({
      model: { name: 'pets', version: '7' },
    });
  });
});
