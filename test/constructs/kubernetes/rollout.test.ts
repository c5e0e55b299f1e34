import { TerraformVariable, type TerraformStack } from 'cdktf';

import {
  AddressType,
  Autoscaling,
  DnsRecords,
  DnsZone,
  Exposure,
  PublicAddress,
  Rollout,
  Sample,
  SmokeTest,
  SslSettings,
  type KubernetesComputeProps,
} from '../../../constructs';
import { azureStack, declareCluster, declareService } from '../support/aks';
import { declareKubernetesService, type KubernetesVariation } from '../support/kubernetes';
import { difference, TerraformJson } from '../support/terraform-json';
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

function variableSsl(): SslSettings {
  const secret = (name: string) => new TerraformVariable(stack, name, { type: 'string', sensitive: true });
  return SslSettings.fromVariables({
    certificate: secret('certificate'),
    privateKey: secret('private-key'),
    hostname: 'scoring.example.com',
  });
}

function synth(compute: Partial<KubernetesComputeProps>, variation: KubernetesVariation = {}): TerraformJson {
  const service = declareKubernetesService(project, stack, { compute, ...variation });
  new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
  return new TerraformJson(stack);
}

interface ObjectJson {
  readonly metadata: { readonly name: string };
  readonly lifecycle?: { readonly create_before_destroy?: boolean };
  readonly depends_on?: readonly string[];
  readonly spec: {
    readonly selector: Readonly<Record<string, string>> & {
      readonly match_labels?: Readonly<Record<string, string>>;
    };
    readonly template?: { readonly metadata: { readonly labels: Readonly<Record<string, string>> } };
    readonly scale_target_ref?: { readonly name: string };
  };
}

function only(json: TerraformJson, type: string): ObjectJson {
  return json.only(type) as unknown as ObjectJson;
}

function addressOf(json: TerraformJson, path: string): string {
  const name = path.replaceAll('/', '_');
  const [found] = [...json.resources.keys()].filter((address) =>
    new RegExp(`^terraform_data\\.${name}_[0-9A-F]{8}$`).test(address),
  );
  return found;
}

const LABELS = { 'app.kubernetes.io/name': 'cdktf-brainwave', 'app.kubernetes.io/instance': 'stack-service' };
const REVISION_LABEL = 'cdktf-brainwave/revision';
const POD_SET_LABEL = 'cdktf-brainwave/pod-set';

/** The id of a resource, and the name of objects that are named by it. */
function named(json: TerraformJson, id: 'Revision' | 'PodSet'): { id: string; name: string } {
  const address = addressOf(json, `Service/Kubernetes/${id}`);
  return { id: `\${${address}.id}`, name: `stack-service-\${substr(${address}.id, 0, 8)}` };
}

const revisionOf = (json: TerraformJson) => named(json, 'Revision');
const podSetOf = (json: TerraformJson) => named(json, 'PodSet');

describe('rolling', () => {
  it('is the default, and updates one Deployment in place behind a Service that selects all of its pods', () => {
    const json = synth({ autoscaling: Autoscaling.cpu({ maxReplicas: 3 }) });
    const deployment = only(json, 'kubernetes_deployment_v1');
    const { id, name } = podSetOf(json);
    const selected = { ...LABELS, [POD_SET_LABEL]: id };

    expect(json.terraformData('Service/Kubernetes/PodSet').triggers_replace).toEqual({ rollout: 'rolling' });
    expect(deployment.metadata.name).toBe(name);
    expect(deployment.spec.selector.match_labels).toEqual(selected);
    expect(deployment.spec.template?.metadata.labels).toEqual({
      ...selected,
      [REVISION_LABEL]: revisionOf(json).id,
    });
    expect(only(json, 'kubernetes_service_v1').spec.selector).toEqual(selected);
    expect(only(json, 'kubernetes_horizontal_pod_autoscaler_v2').spec.scale_target_ref?.name).toBe(name);
    expect(addressOf(json, 'SmokeTest/Candidate')).toBeUndefined();
  });

  it('has a ConfigMap and a Secret for each revision, so that pods of the previous one can restart', () => {
    const json = synth({}, { service: { ssl: variableSsl() } });
    const { name } = revisionOf(json);
    for (const type of ['kubernetes_config_map_v1', 'kubernetes_secret_v1']) {
      expect(only(json, type)).toMatchObject({
        metadata: { name },
        lifecycle: { create_before_destroy: true },
      });
    }
    const rollout = json.terraformData('Service/Kubernetes/Rollout').depends_on;
    expect(rollout).toEqual([
      json.address('kubernetes_deployment_v1'),
      json.address('kubernetes_config_map_v1'),
      json.address('kubernetes_secret_v1'),
    ]);
  });

  it('waits again after every change, also after a failure: the id of the wait changes with the revision', () => {
    const json = synth({});
    const [{ name, specification }] = json.steps('Service/Kubernetes/Rollout');
    const { id } = revisionOf(json);
    expect(name).toBe('wait-for-rollout');
    const { name: deployment } = podSetOf(json);
    expect(specification).toEqual({
      namespace: 'stack-service',
      deployment,
      revision: id,
      kubeconfig: { file: '~/.kube/config' },
      autoscaled: false,
    });
    expect(json.terraformData('Service/Kubernetes/Rollout').triggers_replace).toEqual({
      revision: id,
      deployment,
      replicas: 1,
    });
  });

  it('is followed by the smoke test, which requires the revision and says where to look', () => {
    const json = synth({}, { service: { replicas: 3 } });
    expect(json.terraformData('SmokeTest/Run').depends_on).toEqual(
      expect.arrayContaining([
        addressOf(json, 'Service/Kubernetes/Rollout'),
        json.address('kubernetes_service_v1'),
      ]),
    );
    expect(json.steps('SmokeTest/Run')[0].specification).toMatchObject({
      test: {
        revision: revisionOf(json).id,
        rollout: {
          connections: 12,
          inspect: `kubectl rollout status deployment/${podSetOf(json).name} --namespace stack-service`,
        },
      },
    });
  });
});

describe('blue/green', () => {
  const compute = { rollout: Rollout.blueGreen() };

  it('names what belongs to a revision by it, and creates it before the previous one is destroyed', () => {
    const json = synth(
      { ...compute, autoscaling: Autoscaling.cpu({ maxReplicas: 3 }) },
      { service: { ssl: variableSsl() } },
    );
    const names = {
      kubernetes_config_map_v1: revisionOf(json).name,
      kubernetes_secret_v1: revisionOf(json).name,
      kubernetes_deployment_v1: podSetOf(json).name,
      kubernetes_horizontal_pod_autoscaler_v2: podSetOf(json).name,
    };
    for (const [type, name] of Object.entries(names)) {
      expect(only(json, type)).toMatchObject({
        metadata: { name },
        lifecycle: { create_before_destroy: true },
      });
    }
    for (const type of [
      'kubernetes_service_v1',
      'kubernetes_pod_disruption_budget_v1',
      'kubernetes_network_policy_v1',
    ]) {
      expect(only(json, type).metadata.name).toBe('stack-service');
    }
  });

  it('has pods of one revision alone behind a Deployment and behind the Service', () => {
    const json = synth(compute);
    const selected = { ...LABELS, [POD_SET_LABEL]: podSetOf(json).id };
    expect(json.terraformData('Service/Kubernetes/PodSet').triggers_replace).toEqual({
      revision: revisionOf(json).id,
    });
    expect(only(json, 'kubernetes_deployment_v1').spec.selector.match_labels).toEqual(selected);
    expect(only(json, 'kubernetes_service_v1').spec.selector).toEqual(selected);
  });

  it('switches the Service only after the pods are ready and the smoke test has passed with them', () => {
    const json = synth(compute);
    const [rollout, candidate] = ['Service/Kubernetes/Rollout', 'SmokeTest/Candidate'].map((path) =>
      addressOf(json, path),
    );
    expect(json.terraformData('SmokeTest/Candidate').depends_on).toEqual([rollout]);
    expect(only(json, 'kubernetes_service_v1').depends_on).toEqual(
      expect.arrayContaining([json.address('kubernetes_deployment_v1'), rollout, candidate]),
    );
    expect(json.terraformData('SmokeTest/Run').depends_on).toContain(json.address('kubernetes_service_v1'));
  });

  it('tests the pods through the API server, with the expectations and the revision of the smoke test', () => {
    const json = synth(compute, { service: { ssl: variableSsl() } });
    const { id } = revisionOf(json);
    const [, { specification }] = json.steps('SmokeTest/Candidate');
    expect(specification).toMatchObject({
      pods: {
        kubeconfig: { file: '~/.kube/config' },
        namespace: 'stack-service',
        revision: id,
        port: 50_051,
      },
      test: {
        revision: id,
        target: {
          host: 'scoring.example.com',
          connectTo: '127.0.0.1',
          plaintext: false,
          modelName: 'pets-service',
        },
      },
      reportFile: '.cdktf-brainwave/reports/stack-smoke-test.candidate.json',
      callers: 'none',
    });
  });

  it('tests nothing that refers to the Service, which does not select the pods yet', () => {
    const json = synth({
      ...compute,
      exposure: Exposure.nodePort({ address: '192.0.2.7', nodePort: 30_051 }),
    });
    const candidate = JSON.stringify(json.terraformData('SmokeTest/Candidate'));
    expect(candidate).not.toContain(json.address('kubernetes_service_v1'));
    expect(candidate).not.toContain('192.0.2.7');
  });

  it('requires all smoke tests of the service in its stack to pass', () => {
    const service = declareKubernetesService(project, stack, { compute });
    const samples = [Sample.image(project.image())];
    new SmokeTest(stack, 'First', { service, samples });
    new SmokeTest(stack, 'Second', { service, samples });
    const json = new TerraformJson(stack);
    const tests = ['First/Candidate', 'Second/Candidate'].map((path) => addressOf(json, path));
    expect(only(json, 'kubernetes_service_v1').depends_on).toEqual(expect.arrayContaining(tests));
    expect(json.cycle).toEqual([]);
  });

  it('replaces the set of pods when it replaces rolling, so that the Service does not select the new ones yet', () => {
    const before = synth({});
    stack = project.stack('stack');
    const { changed, added, removed } = difference(before, synth(compute));
    expect(changed).toEqual({
      terraform_data: ['triggers_replace.revision', 'triggers_replace.rollout'],
      kubernetes_service_v1: ['depends_on'],
    });
    expect([added, removed]).toEqual([['terraform_data'], []]);
  });
});

describe('Terraform accepts the order of', () => {
  const exposures: [string, Exposure][] = [
    ['a load balancer', Exposure.loadBalancer()],
    ['a load balancer with a name', Exposure.loadBalancer({ addressType: AddressType.HOSTNAME })],
    ['an internal load balancer', Exposure.internalLoadBalancer({ subnetName: 'scoring' })],
    ['a node port', Exposure.nodePort({ address: '192.0.2.7' })],
    ['a cluster IP', Exposure.clusterIp()],
  ];
  const rollouts: [string, Rollout][] = [
    ['rolling', Rollout.rolling()],
    ['blue/green', Rollout.blueGreen()],
  ];
  const all = rollouts.flatMap(([rolloutName, rollout]) =>
    exposures.map(([name, exposure]) => [rolloutName, name, rollout, exposure] as const),
  );

  it.each(all)('%s behind %s, with TLS, keys, an autoscaler and a smoke test', (_, __, rollout, exposure) => {
    const autoscaling = Autoscaling.inFlight({ maxReplicas: 3, target: 4 });
    const json = synth({ rollout, exposure, autoscaling }, { service: { ssl: variableSsl() } });
    expect(json.cycle).toEqual([]);
  });

  it.each(rollouts)('%s on AKS, with DNS records', (_, rollout) => {
    stack = azureStack(project, 'Azure');
    const service = declareService(project, stack, {
      cluster: declareCluster(stack),
      compute: { rollout, exposure: PublicAddress.inResourceGroup('addresses') },
      service: { ssl: variableSsl() },
    });
    const zone = new DnsZone(stack, 'Zone', { zoneName: 'example.com', resourceGroupName: 'dns' });
    new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
    new DnsRecords(stack, 'Records', { zone, service });
    const json = new TerraformJson(stack);
    expect(json.cycle).toEqual([]);
    expect(json.terraformData('SmokeTest/Run').depends_on).toContain(json.address('azurerm_dns_a_record'));
  });

  it('would not accept a test of the new pods that waits for the Service', () => {
    const service = declareKubernetesService(project, stack, { compute: { rollout: Rollout.blueGreen() } });
    const test = new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
    test.candidate?.addOverride('input', service.endpoint.address);
    const json = new TerraformJson(stack);
    expect(json.cycle).toEqual(
      expect.arrayContaining([addressOf(json, 'SmokeTest/Candidate'), json.address('kubernetes_service_v1')]),
    );
  });
});
