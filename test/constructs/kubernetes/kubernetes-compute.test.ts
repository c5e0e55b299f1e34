import { TerraformStack, TerraformVariable } from 'cdktf';

import {
  Accelerator,
  AksCompute,
  Autoscaling,
  BrainwaveWebservice,
  Exposure,
  ExternalTrafficPolicy,
  KubernetesService,
  PublicAddress,
  RegisteredModel,
  LocalWorkspace,
  Rollout,
  Sample,
  SmokeTest,
  type KubernetesComputeProps,
} from '../../../constructs';
import { azureStack, declareCluster } from '../support/aks';
import { declareKubernetesCluster, declareKubernetesService, publicImage } from '../support/kubernetes';
import { refusal } from '../support/messages';
import { TerraformJson } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

let project: TestProject;
let stack: TerraformStack;

beforeEach(() => {
  project = new TestProject();
  stack = project.stack();
});

afterEach(() => {
  project.leave();
});

interface ServiceJson {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>> & { readonly port: readonly unknown[] };
}

interface Exposed {
  readonly json: TerraformJson;
  readonly service: ServiceJson;
  /** Where the smoke test calls. */
  readonly target: Readonly<Record<string, unknown>>;
}

function exposed(compute: Partial<KubernetesComputeProps>): Exposed {
  const service = declareKubernetesService(project, stack, { compute });
  new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
  const json = new TerraformJson(stack);
  const [{ specification }] = json.steps('SmokeTest/Run');
  const { test } = specification as { test: { target: Record<string, unknown> } };
  return {
    json,
    service: json.only('kubernetes_service_v1') as unknown as ServiceJson,
    target: test.target,
  };
}

function statusOf(json: TerraformJson, attribute: string): string {
  return `\${${json.address('kubernetes_service_v1')}.${attribute}}`;
}

it('the kubelet restarts a replica only if the server says that a restart helps', () => {
  const { json } = exposed({});
  const { spec } = json.only('kubernetes_deployment_v1') as {
    spec: { template: { spec: { container: Record<string, unknown>[] } } };
  };
  expect(spec.template.spec.container[0]).toMatchObject({
    liveness_probe: { http_get: { path: '/livez', port: '8081' } },
    readiness_probe: { grpc: [{ port: 8081 }] },
  });
});

describe('the exposure', () => {
  it('is a load balancer by default, with the IP address that its cloud assigns', () => {
    const { json, service, target } = exposed({});
    expect(service.spec).toMatchObject({
      type: 'LoadBalancer',
      port: [{ name: 'grpc', port: 80, target_port: '50051', protocol: 'TCP' }],
    });
    expect(service.metadata.annotations).toBeUndefined();
    expect(target).toMatchObject({
      host: statusOf(json, 'status[0].load_balancer[0].ingress[0].ip'),
      port: 80,
      plaintext: true,
    });
  });

  it('is a load balancer with annotations, on the port of the compute', () => {
    const annotations = { 'service.beta.kubernetes.io/aws-load-balancer-type': 'external' };
    const { service, target } = exposed({ exposure: Exposure.loadBalancer({ annotations }), port: 8080 });
    expect(service.metadata.annotations).toEqual(annotations);
    expect(service.spec.port).toMatchObject([{ port: 8080 }]);
    expect(target.port).toBe(8080);
  });

  it('is an internal load balancer on Azure, in the subnet of the nodes', () => {
    const { service } = exposed({ exposure: Exposure.internalLoadBalancer() });
    expect(service.spec.type).toBe('LoadBalancer');
    expect(service.metadata.annotations).toEqual({
      'service.beta.kubernetes.io/azure-load-balancer-internal': 'true',
    });
  });

  it('is an internal load balancer on Azure, with a subnet and an address', () => {
    const exposure = Exposure.internalLoadBalancer({ subnetName: 'scoring', ipAddress: '10.1.0.7' });
    expect(exposed({ exposure }).service.metadata.annotations).toEqual({
      'service.beta.kubernetes.io/azure-load-balancer-internal': 'true',
      'service.beta.kubernetes.io/azure-load-balancer-internal-subnet': 'scoring',
      'service.beta.kubernetes.io/azure-load-balancer-ipv4': '10.1.0.7',
    });
  });

  it('is an internal load balancer behind a Private Link service', () => {
    const exposure = Exposure.internalLoadBalancer({
      subnetName: 'services',
      privateLinkService: {
        name: 'scoring',
        addressCount: 2,
        visibleTo: ['11111111-1111-1111-1111-111111111111', '22222222-2222-2222-2222-222222222222'],
        approvedSubscriptions: ['11111111-1111-1111-1111-111111111111'],
      },
    });
    expect(exposed({ exposure }).service.metadata.annotations).toMatchObject({
      'service.beta.kubernetes.io/azure-pls-create': 'true',
      'service.beta.kubernetes.io/azure-pls-name': 'scoring',
      'service.beta.kubernetes.io/azure-pls-ip-configuration-subnet': 'services',
      'service.beta.kubernetes.io/azure-pls-ip-configuration-ip-address-count': '2',
      'service.beta.kubernetes.io/azure-pls-visibility':
        '11111111-1111-1111-1111-111111111111 22222222-2222-2222-2222-222222222222',
      'service.beta.kubernetes.io/azure-pls-auto-approval': '11111111-1111-1111-1111-111111111111',
    });
  });

  it.each([
    [
      { name: 'scoring', visibleTo: ['a'], approvedSubscriptions: ['b'] },
      'privateLinkService.approvedSubscriptions contains "b", but visibleTo does not, so the subscription could not find the ' +
        'service; add it to visibleTo',
    ],
    [
      { name: '-' },
      'privateLinkService.name is "-"; expected 1 to 80 letters, digits, "_", "." and "-", starting with a letter or digit, ' +
        'ending with those or "_"',
    ],
    [
      { name: 'scoring', addressCount: 9 },
      'privateLinkService.addressCount is 9; expected a whole number from 1 to 8',
    ],
  ])('rejects the Private Link service %j', (privateLinkService, expected) => {
    const exposure = Exposure.internalLoadBalancer({ privateLinkService });
    expect(refusal(() => exposed({ exposure }))).toContain(`: ${expected}`);
  });

  it('is a port of the nodes', () => {
    const { service, target } = exposed({
      exposure: Exposure.nodePort({ address: '192.0.2.7', nodePort: 30_051 }),
    });
    expect(service.spec).toMatchObject({ type: 'NodePort', port: [{ port: 80, node_port: 30_051 }] });
    expect(target).toMatchObject({ host: '192.0.2.7', port: 30_051 });
  });

  it('is a port of the nodes that the cluster chooses', () => {
    const { json, service, target } = exposed({ exposure: Exposure.nodePort({ address: '192.0.2.7' }) });
    expect(service.spec.port).toEqual([{ name: 'grpc', port: 80, target_port: '50051', protocol: 'TCP' }]);
    expect(target.host).toBe('192.0.2.7');
    expect(JSON.stringify(target.port)).toContain(
      `${json.address('kubernetes_service_v1')}.spec[0].port[0].node_port`,
    );
  });

  it('is an address in the cluster', () => {
    const { json, service, target } = exposed({ exposure: Exposure.clusterIp() });
    expect(service.spec.type).toBe('ClusterIP');
    expect(target).toMatchObject({ host: statusOf(json, 'spec[0].cluster_ip'), port: 80 });
  });

  it('decides with externalTrafficPolicy which nodes pass connections on', () => {
    const exposure = Exposure.nodePort({ address: '192.0.2.7' });
    expect(
      exposed({ exposure, externalTrafficPolicy: ExternalTrafficPolicy.LOCAL }).service.spec
        .external_traffic_policy,
    ).toBe('Local');
    stack = project.stack('other');
    expect(exposed({}).service.spec).not.toHaveProperty('external_traffic_policy');
  });

  it('limits the callers of a load balancer by address', () => {
    const allowedSourceRanges = ['203.0.113.0/24', '198.51.100.7/32'];
    expect(exposed({ allowedSourceRanges }).service.spec.load_balancer_source_ranges).toEqual(
      allowedSourceRanges,
    );
  });

  it('of a ScoringCluster can be any of them', () => {
    stack = azureStack(project, 'Azure');
    const service = new BrainwaveWebservice(stack, 'Service', {
      model: new RegisteredModel(stack, 'Model', {
        workspace: new LocalWorkspace(stack, 'Workspace'),
        name: 'pets',
        serviceDefinition: project.definition(),
      }),
      compute: new AksCompute({
        cluster: declareCluster(stack),
        image: publicImage,
        exposure: Exposure.internalLoadBalancer(),
      }),
    });
    const json = new TerraformJson(stack);
    expect(json.all('azurerm_public_ip')).toEqual([]);
    expect(KubernetesService.of(service).service.metadataInput).toMatchObject({
      annotations: { 'service.beta.kubernetes.io/azure-load-balancer-internal': 'true' },
    });
  });
});

describe('autoscaling', () => {
  function autoscaler(autoscaling: Autoscaling, replicas?: number): unknown {
    declareKubernetesService(project, stack, {
      compute: { autoscaling },
      service: replicas === undefined ? {} : { replicas },
    });
    return new TerraformJson(stack).only('kubernetes_horizontal_pod_autoscaler_v2');
  }

  it('follows the CPU', () => {
    expect(autoscaler(Autoscaling.cpu({ maxReplicas: 5 }), 2)).toMatchObject({
      spec: {
        min_replicas: 2,
        max_replicas: 5,
        scale_target_ref: {
          api_version: 'apps/v1',
          kind: 'Deployment',
          name: expect.stringMatching(/^stack-service-/) as string,
        },
        metric: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', average_utilization: 70 } },
          },
        ],
      },
    });
  });

  it('follows the calls in flight', () => {
    expect(autoscaler(Autoscaling.inFlight({ maxReplicas: 4, target: 8 }))).toMatchObject({
      spec: {
        min_replicas: 1,
        max_replicas: 4,
        metric: [
          {
            type: 'Pods',
            pods: {
              metric: { name: 'brainwave_calls_in_flight' },
              target: { type: 'AverageValue', average_value: '8' },
            },
          },
        ],
      },
    });
  });

  it('starts with the minimum of replicas, and leaves their number alone afterwards', () => {
    declareKubernetesService(project, stack, {
      compute: { autoscaling: Autoscaling.cpu({ maxReplicas: 5 }) },
      service: { replicas: 3 },
    });
    expect(new TerraformJson(stack).only('kubernetes_deployment_v1')).toMatchObject({
      spec: { replicas: '3' },
      lifecycle: { ignore_changes: ['spec[0].replicas'] },
    });
  });

  const invalid: [string, Autoscaling, string][] = [
    [
      'fewer replicas than the minimum',
      Autoscaling.cpu({ maxReplicas: 1 }),
      'maxReplicas is 1; expected a whole number of at least 2 (replicas)',
    ],
    [
      'a utilization above 100 %',
      Autoscaling.cpu({ maxReplicas: 3, utilizationPercent: 101 }),
      'utilizationPercent is 101; expected a whole number from 1 to 100',
    ],
    [
      'a maximum that is not a whole number',
      Autoscaling.inFlight({ maxReplicas: 2.5, target: 8 }),
      'maxReplicas is 2.5; expected a whole number of at least 2 (replicas)',
    ],
    [
      'a target of no calls',
      Autoscaling.inFlight({ maxReplicas: 3, target: 0 }),
      'target is 0; expected a whole number of at least 1',
    ],
  ];
  it.each(invalid)('is rejected with %s', (_, autoscaling, message) => {
    const declare = () =>
      declareKubernetesService(project, stack, { compute: { autoscaling }, service: { replicas: 2 } });
    expect(refusal(declare)).toBe(`stack/Service: ${message}`);
  });
});

describe('a service on Kubernetes is rejected', () => {
  const cases: [string, () => Partial<KubernetesComputeProps>, string][] = [
    [
      'without an image',
      () => ({ image: undefined }),
      'stack/Service: image is missing; build one with the model ("cdktf-brainwave image-context --help"), push it, and set ' +
        'image: ScoringImage.fromScoringImageAttributes(…)',
    ],
    [
      'with source ranges of an address in the cluster',
      () => ({ exposure: Exposure.clusterIp(), allowedSourceRanges: ['203.0.113.0/24'] }),
      'stack/Service: allowedSourceRanges applies only to load balancers, but the exposure is a ClusterIP; remove it, or use ' +
        'Exposure.loadBalancer()',
    ],
    [
      'with source ranges of a port of the nodes',
      () => ({ exposure: Exposure.nodePort({ address: '192.0.2.7' }), allowedSourceRanges: [] }),
      'stack/Service: allowedSourceRanges applies only to load balancers, but the exposure is a NodePort; remove it, or use ' +
        'Exposure.loadBalancer()',
    ],
    [
      'with a policy for external traffic where there is none',
      () => ({ exposure: Exposure.clusterIp(), externalTrafficPolicy: ExternalTrafficPolicy.LOCAL }),
      'stack/Service: externalTrafficPolicy applies only to load balancers and node ports, but the exposure is a ClusterIP; ' +
        'remove it, or use Exposure.loadBalancer()',
    ],
    [
      'with a source range that is none',
      () => ({ allowedSourceRanges: ['203.0.113.7'] }),
      'stack/Service: allowedSourceRanges contains "203.0.113.7"; expected IPv4 CIDRs, such as 203.0.113.0/24',
    ],
    [
      'with a node port that Kubernetes does not assign',
      () => ({ exposure: Exposure.nodePort({ address: '192.0.2.7', nodePort: 443 }) }),
      'stack/Service/Kubernetes: nodePort is 443; expected a whole number from 30000 to 32767',
    ],
    [
      'with a public address of Azure elsewhere',
      () => ({ exposure: PublicAddress.inClusterResourceGroup() }),
      'stack/Service/Kubernetes: PublicAddress is an address on Azure, but the cluster is not a ScoringCluster; use ' +
        'Exposure.loadBalancer()',
    ],
    [
      'with a name that is no namespace',
      () => ({ namespace: 'Pets' }),
      'stack/Service: namespace is "Pets"; expected 1 to 63 lowercase letters, digits and "-", starting and ending with a ' +
        'letter or digit',
    ],
  ];
  it.each(cases)('%s', (_, compute, message) => {
    expect(refusal(() => declareKubernetesService(project, stack, { compute: compute() }))).toBe(message);
  });

  it('for its resources, if it runs elsewhere', () => {
    expect(refusal(() => KubernetesService.of(stack))).toBe(
      'stack: the service does not run on Kubernetes; pass a service whose compute is KubernetesCompute or AksCompute',
    );
  });

  it('with an accelerator of no Azure machine on a ScoringCluster', () => {
    stack = azureStack(project, 'Azure');
    const accelerator = Accelerator.custom({ devicesPerNode: 1, resourceName: 'nvidia.com/gpu' });
    expect(refusal(() => declareCluster(stack, { accelerator }))).toBe(
      'Azure/Cluster: accelerator has no vmSize, which a node pool on Azure needs; set vmSize of Accelerator.custom({ … })',
    );
  });
});

describe('blue/green', () => {
  /** Without what is said about plaintext. */
  const warningsOf = (json: TerraformJson) =>
    json.warnings.filter((warning) => !warning.includes('TLS is disabled'));

  const gpus = () =>
    Accelerator.custom({ devicesPerNode: 1, resourceName: 'nvidia.com/gpu', deviceName: 'GPUs' });

  function synthOnGpus(
    nodeCount: number | undefined,
    compute: Partial<KubernetesComputeProps> = {},
  ): TerraformJson {
    const service = declareKubernetesService(project, stack, {
      cluster: declareKubernetesCluster(stack, { accelerator: gpus(), nodeCount }),
      compute: { rollout: Rollout.blueGreen(), ...compute },
      service: { replicas: 2 },
    });
    new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
    return new TerraformJson(stack);
  }

  it.each([3, undefined])(
    'is rejected if the nodes are not known to have room for two sets of pods: %s',
    (nodeCount) => {
      expect(refusal(() => synthOnGpus(nodeCount))).toContain(
        'stack/Service/Kubernetes: Rollout.blueGreen() needs 2 more GPUs during a rollout than the nodes are known to have; ' +
          'set or raise the number of nodes of the cluster, or use Rollout.rolling()',
      );
    },
  );

  it('counts the maximum of an autoscaler', () => {
    const autoscaling = Autoscaling.inFlight({ maxReplicas: 3, target: 4 });
    expect(refusal(() => synthOnGpus(5, { autoscaling }))).toContain('Rollout.blueGreen() needs 3 more GPUs');
  });

  it('counts other services on the cluster, also those that are declared later', () => {
    const cluster = declareKubernetesCluster(stack, { accelerator: gpus(), nodeCount: 2 });
    const service = declareKubernetesService(project, stack, {
      cluster,
      compute: { rollout: Rollout.blueGreen() },
    });
    new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
    declareKubernetesService(project, stack, { cluster, id: 'Other' });
    expect(refusal(() => new TerraformJson(stack))).toContain('Rollout.blueGreen() needs 1 more GPUs');
  });

  it('is accepted if there is room', () => {
    expect(warningsOf(synthOnGpus(4))).toEqual([]);
  });

  it('warns if nothing is tested before callers reach it', () => {
    declareKubernetesService(project, stack, { compute: { rollout: Rollout.blueGreen() } });
    expect(warningsOf(new TerraformJson(stack))).toEqual([
      'stack/Service: Rollout.blueGreen() has no smoke test to run before callers reach a new revision; declare a ' +
        'SmokeTest in the same stack',
    ]);
  });

  it('warns also if the smoke test is in another stack, which is deployed afterwards', () => {
    const app = project.app();
    const first = project.stack('first', app);
    const service = declareKubernetesService(project, first, { compute: { rollout: Rollout.blueGreen() } });
    const second = project.stack('second', app);
    const test = new SmokeTest(second, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
    expect(test.candidate).toBeUndefined();
    expect(warningsOf(new TerraformJson(first))).toHaveLength(1);
    expect(new TerraformJson(second).steps('SmokeTest/Run').at(-1)?.name).toBe('smoke-test');
  });
});

it('takes the number of replicas from a variable', () => {
  const replicas = new TerraformVariable(stack, 'replicas', { type: 'number' }).numberValue;
  declareKubernetesService(project, stack, {
    compute: { autoscaling: Autoscaling.cpu({ maxReplicas: 5 }), rollout: Rollout.blueGreen() },
    service: { replicas },
  });
  const json = new TerraformJson(stack);
  expect(json.only('kubernetes_horizontal_pod_autoscaler_v2')).toMatchObject({
    spec: { min_replicas: '${var.replicas}', max_replicas: 5 },
  });
  expect(json.only('kubernetes_deployment_v1')).toMatchObject({ spec: { replicas: '${var.replicas}' } });
});
