import type { JsonObject } from '../../azure/simulator/json';
import type { KubernetesClient } from './kubernetes-client';
import { NETWORK } from './network';

const NAME = 'metrics-server';
const NAMESPACE = 'kube-system';
const PORT = 4443;
/** The shortest that it permits. */
const RESOLUTION = '10s';

/** Client certificate with which the API server passes requests on to its extensions. */
export const FRONT_PROXY = 'front-proxy';

/**
 * Arguments of an API server that extensions such as metrics-server trust.
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/
 */
export function aggregationArguments(root: string, certificate: string, privateKey: string): string[] {
  return [
    `--requestheader-client-ca-file=${root}`,
    `--requestheader-allowed-names=${FRONT_PROXY}`,
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${certificate}`,
    `--proxy-client-key-file=${privateKey}`,
    '--enable-aggregator-routing',
  ];
}

/** Arguments of a metrics-server that runs on the node, as the control plane does. */
export function metricsServerArguments(kubeconfig: string, root: string, folder: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    `--kubelet-certificate-authority=${root}`,
    '--kubelet-preferred-address-types=InternalIP',
    `--metric-resolution=${RESOLUTION}`,
    // Must be less than the resolution.
    '--kubelet-request-timeout=5s',
    `--secure-port=${PORT}`,
    `--cert-dir=${folder}`,
  ];
}

/** Lets the API server pass calls of `metrics.k8s.io` on to the metrics-server. */
export async function registerMetricsServer(client: KubernetesClient): Promise<void> {
  const metadata = { name: NAME, namespace: NAMESPACE };
  const core = `/api/v1/namespaces/${NAMESPACE}`;
  await create(client, `${core}/services`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { ports: [{ name: 'https', port: 443, targetPort: PORT }] },
  });
  await create(client, `/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices`, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': NAME } },
    addressType: 'IPv4',
    ports: [{ name: 'https', port: PORT, protocol: 'TCP' }],
    endpoints: [{ addresses: [NETWORK.node], conditions: { ready: true } }],
  });
  await create(client, '/apis/apiregistration.k8s.io/v1/apiservices', {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1beta1.metrics.k8s.io' },
    spec: {
      service: metadata,
      group: 'metrics.k8s.io',
      version: 'v1beta1',
      insecureSkipTLSVerify: true,
      groupPriorityMinimum: 100,
      versionPriority: 100,
    },
  });
}

async function create(client: KubernetesClient, path: string, object: JsonObject): Promise<void> {
  const { status, body } = await client.call('POST', path, object);
  if (status !== 201) {
    throw new Error(`POST ${path} returned ${status}: ${JSON.stringify(body)}`);
  }
}
