import { TerraformVariable, type TerraformStack } from 'cdktf';

import {
  Accelerator,
  ApiKeys,
  KubernetesAccess,
  KubernetesCluster,
  ModelServer,
  Rollout,
  Sample,
  SmokeTest,
  SslSettings,
  type KubernetesClusterProps,
} from '../../../constructs';
import { declareKubernetesCluster, declareKubernetesService } from '../support/kubernetes';
import { refusal } from '../support/messages';
import { TerraformJson } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

const CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

let project: TestProject;
let stack: TerraformStack;

beforeEach(() => {
  project = new TestProject();
  stack = project.stack();
});

afterEach(() => {
  project.leave();
});

function synth(cluster: Partial<KubernetesClusterProps> = {}): TerraformJson {
  const service = declareKubernetesService(project, stack, {
    cluster: declareKubernetesCluster(stack, cluster),
    compute: { rollout: Rollout.blueGreen() },
  });
  new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
  return new TerraformJson(stack);
}

function secretVariable(name: string): TerraformVariable {
  return new TerraformVariable(stack, name, { type: 'string', sensitive: true });
}

/** The steps that sign in to the cluster. */
const STEPS = ['Service/Kubernetes/Rollout', 'SmokeTest/Candidate'];

describe('access by kubeconfig', () => {
  it('is a path from where each runs and a context, for the provider and for the steps, which need no secret', () => {
    const json = synth({ access: KubernetesAccess.kubeconfig({ file: 'clusters.yaml', context: 'west' }) });
    expect(json.providers('kubernetes')).toEqual([
      {
        alias: 'kubernetes-stack-cluster',
        config_path: expect.stringMatching(/^(\.\.\/)+clusters\.yaml$/) as string,
        config_context: 'west',
      },
    ]);
    const [rollout, test] = STEPS.map((path) => json.steps(path));
    const kubeconfig = { file: 'clusters.yaml', context: 'west' };
    expect(rollout).toMatchObject([
      { name: 'wait-for-rollout', specification: { kubeconfig }, environment: {} },
    ]);
    expect(test).toMatchObject([
      { name: 'smoke-test', specification: { pods: { kubeconfig } }, environment: {} },
    ]);
  });

  it("is kubectl's file and its current context by default", () => {
    const json = synth({ access: KubernetesAccess.kubeconfig() });
    expect(json.providers('kubernetes')).toEqual([
      { alias: 'kubernetes-stack-cluster', config_path: '~/.kube/config' },
    ]);
    expect(json.steps(STEPS[0])[0].specification).toMatchObject({ kubeconfig: { file: '~/.kube/config' } });
  });
});

describe('access by token', () => {
  function tokenAccess(): KubernetesAccess {
    return KubernetesAccess.token({
      host: 'https://cluster.example.com:6443',
      clusterCaCertificate: CA,
      token: secretVariable('cluster-token').stringValue,
    });
  }

  it('configures the provider with a reference to the token', () => {
    expect(synth({ access: tokenAccess() }).providers('kubernetes')).toEqual([
      {
        alias: 'kubernetes-stack-cluster',
        host: 'https://cluster.example.com:6443',
        cluster_ca_certificate: CA,
        token: '${var.cluster-token}',
      },
    ]);
  });

  it.each(STEPS)('passes it to %s only in a file that a hidden step writes before', (path) => {
    const json = synth({ access: tokenAccess() });
    const [write, run, ...others] = json.steps(path);
    const { name } = write.specification as { name: string };
    const file = `.cdktf-brainwave/steps/${name}/kubeconfig.json`;

    expect(others).toEqual([]);
    expect(write.name).toBe('write-secrets');
    expect(Object.keys(write.environment)).toEqual(['CDKTF_BRAINWAVE_KUBECONFIG']);
    const kubeconfig = write.environment.CDKTF_BRAINWAVE_KUBECONFIG;
    expect(JSON.parse(kubeconfig.replace('${jsonencode(var.cluster-token)}', '"secret"'))).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'cluster',
          cluster: {
            server: 'https://cluster.example.com:6443',
            'certificate-authority-data': Buffer.from(CA).toString('base64'),
          },
        },
      ],
      users: [{ name: 'user', user: { token: 'secret' } }],
      contexts: [{ name: 'context', context: { cluster: 'cluster', user: 'user' } }],
      'current-context': 'context',
    });
    expect(run.environment).toEqual({});
    expect(run.specification).toMatchObject({ temporarySecrets: [name] });
    expect(JSON.stringify(run.specification)).toContain(
      JSON.stringify({ kubeconfig: { file } }).slice(1, -1),
    );
    expect(JSON.stringify(run.specification)).not.toContain('var.cluster-token');
  });

  it('writes the files of several steps into several folders', () => {
    const json = synth({ access: tokenAccess() });
    const names = STEPS.map((path) => (json.steps(path)[0].specification as { name: string }).name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('is rejected if the token is in the program', () => {
    const access = KubernetesAccess.token({
      host: 'https://c',
      clusterCaCertificate: CA,
      token: 'abc-secret',
    });
    const message = refusal(() => declareKubernetesCluster(stack, { access }));
    expect(message).toBe(
      'stack/Cluster: the token of KubernetesAccess.token() is a literal string, which the synthesized JSON would contain; ' +
        'pass the stringValue of a sensitive TerraformVariable, or an attribute of a resource',
    );
    expect(message).not.toContain('abc-secret');
  });
});

describe('access by exec plugin', () => {
  it('configures the provider and the kubeconfig of the steps with the command', () => {
    const json = synth({
      access: KubernetesAccess.exec({
        host: 'https://cluster.example.com',
        clusterCaCertificate: secretVariable('ca').stringValue,
        command: 'aws',
        args: ['eks', 'get-token', '--cluster-name', 'pets'],
        environment: { AWS_PROFILE: 'scoring' },
      }),
    });
    const args = ['eks', 'get-token', '--cluster-name', 'pets'];
    expect(json.providers('kubernetes')).toEqual([
      {
        alias: 'kubernetes-stack-cluster',
        host: 'https://cluster.example.com',
        cluster_ca_certificate: '${var.ca}',
        exec: [
          {
            api_version: 'client.authentication.k8s.io/v1beta1',
            command: 'aws',
            args,
            env: { AWS_PROFILE: 'scoring' },
          },
        ],
      },
    ]);
    const [{ environment }] = json.steps(STEPS[0]);
    const kubeconfig = environment.CDKTF_BRAINWAVE_KUBECONFIG.replace(
      '${jsonencode(base64encode(var.ca))}',
      '"encoded"',
    );
    expect(JSON.parse(kubeconfig)).toMatchObject({
      clusters: [{ cluster: { 'certificate-authority-data': 'encoded' } }],
      users: [
        {
          user: {
            exec: {
              apiVersion: 'client.authentication.k8s.io/v1beta1',
              command: 'aws',
              args,
              env: [{ name: 'AWS_PROFILE', value: 'scoring' }],
              interactiveMode: 'Never',
            },
          },
        },
      ],
    });
  });
});

it('no secret of a service is in the JSON, in any step', () => {
  const [certificate, privateKey] = [secretVariable('certificate'), secretVariable('private-key')];
  const service = declareKubernetesService(project, stack, {
    cluster: declareKubernetesCluster(stack, {
      access: KubernetesAccess.token({
        host: 'https://c',
        clusterCaCertificate: CA,
        token: secretVariable('token').stringValue,
      }),
    }),
    compute: { rollout: Rollout.blueGreen() },
    service: {
      ssl: SslSettings.fromVariables({ certificate, privateKey, hostname: 'scoring.example.com' }),
      keys: ApiKeys.fromVariables({
        primaryKey: secretVariable('primary'),
        secondaryKey: secretVariable('secondary'),
      }),
    },
  });
  new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
  const json = new TerraformJson(stack);

  const [write, run] = json.steps('SmokeTest/Candidate');
  expect(Object.keys(write.environment).sort()).toEqual([
    'CDKTF_BRAINWAVE_KUBECONFIG',
    'CDKTF_BRAINWAVE_PRIMARY_KEY',
    'CDKTF_BRAINWAVE_SECONDARY_KEY',
  ]);
  expect(run.environment).toEqual({});
  for (const path of [...STEPS, 'SmokeTest/Run']) {
    // The steps whose output Terraform shows, and what makes a resource be replaced.
    const shown = JSON.stringify([json.steps(path).at(-1), json.terraformData(path).triggers_replace]);
    expect(shown).not.toMatch(/var\.(token|primary|secondary|private-key|certificate)/);
  }
});

describe("a cluster's nodes", () => {
  function podOf(json: TerraformJson): Record<string, unknown> {
    const { spec } = json.only('kubernetes_deployment_v1') as {
      spec: { template: { spec: Record<string, unknown> } };
    };
    return spec.template.spec;
  }

  it('are chosen by labels, tolerated taints and registries', () => {
    const pod = podOf(
      synth({
        nodeSelector: { 'example.com/pool': 'scoring' },
        tolerations: [{ key: 'dedicated', value: 'scoring', effect: 'NoExecute' }],
        imagePullSecrets: ['registry', 'mirror'],
      }),
    );
    expect(pod.node_selector).toEqual({ 'example.com/pool': 'scoring' });
    expect(pod.toleration).toEqual([
      { key: 'dedicated', value: 'scoring', effect: 'NoExecute', operator: 'Equal' },
    ]);
    expect(pod.image_pull_secrets).toEqual([{ name: 'registry' }, { name: 'mirror' }]);
  });

  it('are any nodes by default', () => {
    const pod = podOf(synth());
    expect([pod.node_selector, pod.toleration, pod.image_pull_secrets]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('replace the pods when their choice changes, because the revision depends on it', () => {
    const pod = (json: TerraformJson) =>
      (json.terraformData('Service/Kubernetes/Revision').triggers_replace as { pod: string }).pod;
    const before = pod(synth());
    stack = project.stack('stack');
    expect(pod(synth({ nodeSelector: { pool: 'new' } }))).not.toBe(before);
  });

  const gpus = () =>
    Accelerator.custom({
      devicesPerNode: 2,
      resourceName: 'nvidia.com/gpu',
      deviceName: 'GPUs',
      taint: { key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' },
    });

  it('have GPUs by the name of their resource, without a VM size or a device plugin', () => {
    declareKubernetesService(project, stack, {
      cluster: declareKubernetesCluster(stack, { accelerator: gpus(), nodeSelector: { gpu: 'a100' } }),
    });
    const json = new TerraformJson(stack);
    const pod = podOf(json) as { container: { name: string; resources: unknown }[]; toleration: unknown };
    expect(pod.container[1]).toMatchObject({
      name: 'triton',
      resources: { limits: { 'nvidia.com/gpu': '1' }, requests: { 'nvidia.com/gpu': '1' } },
    });
    expect(pod.toleration).toEqual([
      { key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule', operator: 'Equal' },
    ]);
    expect(json.all('kubernetes_daemon_set_v1')).toEqual([]);
  });

  it('get the device plugin on request, before pods', () => {
    declareKubernetesService(project, stack, {
      cluster: declareKubernetesCluster(stack, {
        accelerator: gpus(),
        nodeSelector: { gpu: 'a100' },
        devicePlugin: true,
      }),
    });
    const json = new TerraformJson(stack);
    expect(json.only('kubernetes_daemon_set_v1')).toMatchObject({
      provider: 'kubernetes.kubernetes-stack-cluster',
      spec: { template: { spec: { node_selector: { gpu: 'a100' } } } },
    });
    expect(json.only('kubernetes_deployment_v1').depends_on).toContain(
      json.address('kubernetes_daemon_set_v1'),
    );
  });

  it('are counted, if their number is given', () => {
    const cluster = declareKubernetesCluster(stack, { accelerator: gpus(), nodeCount: 1 });
    expect(
      refusal(() => declareKubernetesService(project, stack, { cluster, service: { replicas: 3 } })),
    ).toBe(
      'stack/Service: replicas is 3, but the node pool has 2 GPUs; raise nodeCount to 2 or lower replicas',
    );
  });

  it('are too small for a replica with more devices', () => {
    const cluster = declareKubernetesCluster(stack, { accelerator: gpus() });
    const modelServer = ModelServer.triton({ devices: 4 });
    expect(
      refusal(() => declareKubernetesService(project, stack, { cluster, compute: { modelServer } })),
    ).toBe('stack/Service: a replica needs 4 GPUs, but a node has 2; choose a larger size or lower devices');
  });
});

describe('a cluster is rejected', () => {
  it('without access', () => {
    expect(refusal(() => new KubernetesCluster(stack, 'Cluster', {} as KubernetesClusterProps))).toBe(
      'stack/Cluster: access is missing; set access: KubernetesAccess.kubeconfig() for a cluster that kubectl reaches',
    );
  });

  it('with a number of nodes below 1', () => {
    expect(refusal(() => declareKubernetesCluster(stack, { nodeCount: 0 }))).toBe(
      'stack/Cluster: nodeCount is 0; expected a whole number of at least 1',
    );
  });
});

it('several clusters and services share a stack', () => {
  const west = new KubernetesCluster(stack, 'West', {
    access: KubernetesAccess.kubeconfig({ context: 'west' }),
  });
  const east = new KubernetesCluster(stack, 'East', {
    access: KubernetesAccess.kubeconfig({ context: 'east' }),
  });
  declareKubernetesService(project, stack, { cluster: west, id: 'First' });
  declareKubernetesService(project, stack, { cluster: west, id: 'Second' });
  declareKubernetesService(project, stack, { cluster: east, id: 'Third' });
  const json = new TerraformJson(stack);
  expect(json.providers('kubernetes').map(({ config_context: context }) => context)).toEqual([
    'west',
    'east',
  ]);
  const providers = json.all('kubernetes_deployment_v1').map(({ provider }) => provider);
  expect(providers.sort()).toEqual([
    'kubernetes.kubernetes-stack-east',
    'kubernetes.kubernetes-stack-west',
    'kubernetes.kubernetes-stack-west',
  ]);
});
