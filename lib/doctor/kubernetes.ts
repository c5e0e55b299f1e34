import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

import { METRICS } from '../contract/metrics';
import { messageOf } from '../errors/brainwave-error';
import { ClusterClient, type Kubeconfig } from '../kubernetes/cluster-client';
import type { Check, Finding } from './check';
import { findInstalledPackage } from './installed-package';
import { kubernetesStacks, type StackCluster } from './synthesized-stacks';

export const CLIENT_PACKAGE = '@kubernetes/client-node';
const TIMEOUT_MS = 10_000;
const RESOURCE_METRICS = '/apis/metrics.k8s.io/v1beta1';
const CUSTOM_METRICS = '/apis/custom.metrics.k8s.io/v1beta1';
const METRICS_SERVER =
  'https://github.com/kubernetes-sigs/metrics-server/releases/latest/download/components.yaml';

/** Checks whether the clusters that the project deploys to serve the metrics that autoscalers follow. */
export const checkKubernetes: Check = async ({ projectFolder, env }) => {
  if (!(await findInstalledPackage(CLIENT_PACKAGE, projectFolder))) {
    // The check of the engines says whether it is missing.
    return [];
  }
  const stacks = await kubernetesStacks(projectFolder);
  const clusters =
    stacks.length > 0 ? distinct(stacks.flatMap((each) => each.clusters)) : currentCluster(env);
  return (await Promise.all(clusters.map(lookAt))).flat();
};

/** Before the first synth, a project may deploy to the cluster that kubectl uses. */
function currentCluster({ KUBECONFIG }: NodeJS.ProcessEnv): StackCluster[] {
  const files = KUBECONFIG?.split(path.delimiter).filter(Boolean) ?? [path.join(homedir(), '.kube/config')];
  return files
    .filter((file) => existsSync(file))
    .slice(0, 1)
    .map((file) => ({ file, metrics: ['Resource'] }));
}

async function lookAt({ metrics, ...kubeconfig }: StackCluster): Promise<Finding[]> {
  const check = 'kubernetes';
  const name = nameOf(kubeconfig);
  const findings: Finding[] = [];
  const note = (finding: string, remedy: string) => {
    findings.push({ check, outcome: 'note', finding, remedy });
  };
  try {
    const client = await ClusterClient.connect(kubeconfig);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const { version } = await required(client, '/version', signal);
    if (metrics.includes('Resource') && !(await serves(client, RESOURCE_METRICS, 'pods', signal))) {
      note(
        `${name} does not serve metrics.k8s.io: the autoscalers of Autoscaling.cpu() show <unknown> and change nothing`,
        `install metrics-server: kubectl apply --filename ${METRICS_SERVER}`,
      );
    }
    const podMetric = `pods/${METRICS.callsInFlight.name}`;
    if (metrics.includes('Pods') && !(await serves(client, CUSTOM_METRICS, podMetric, signal))) {
      note(
        `${name} does not serve ${podMetric} under custom.metrics.k8s.io: the autoscalers of Autoscaling.inFlight() show ` +
          '<unknown> and change nothing',
        'install Prometheus and prometheus-adapter with the rule in docs/computes.md',
      );
    }
    return findings.length > 0
      ? findings
      : [
          {
            check,
            outcome: 'passed',
            finding: `${name}: Kubernetes ${version}, with the metrics of autoscalers`,
          },
        ];
  } catch (error) {
    note(
      `${name} cannot be reached: ${messageOf(error).split('\n')[0]}`,
      `check its access: kubectl --kubeconfig ${kubeconfig.file} cluster-info`,
    );
    return findings;
  }
}

function nameOf({ file, context }: Kubeconfig): string {
  return context === undefined ? `the cluster of ${file}` : `the cluster ${context} of ${file}`;
}

async function required(
  client: ClusterClient,
  url: string,
  signal: AbortSignal,
): Promise<{ readonly version: string }> {
  const { status, body } = await client.get(url, signal);
  if (status !== 200) {
    throw new Error(`GET ${url} returned HTTP status ${status}`);
  }
  const { gitVersion } = JSON.parse(body) as { readonly gitVersion?: string | undefined };
  return { version: gitVersion ?? 'of an unknown version' };
}

/** Whether an API that extends the API server has a resource. It is listed, but fails, while its server is not available. */
async function serves(
  client: ClusterClient,
  url: string,
  resource: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { status, body } = await client.get(url, signal);
  if (status !== 200) {
    return false;
  }
  const { resources = [] } = JSON.parse(body) as {
    readonly resources?: readonly { readonly name: string }[] | undefined;
  };
  return resources.some(({ name }) => name === resource);
}

/** Stacks of a project usually deploy to the same cluster. */
function distinct(clusters: readonly StackCluster[]): StackCluster[] {
  const byName = new Map<string, StackCluster>();
  for (const cluster of clusters) {
    const name = nameOf(cluster);
    const metrics = [...(byName.get(name)?.metrics ?? []), ...cluster.metrics];
    byName.set(name, { ...cluster, metrics });
  }
  return [...byName.values()];
}
