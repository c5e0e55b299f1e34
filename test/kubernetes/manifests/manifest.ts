import { isObject, objectOf, type Json, type JsonObject } from '../../azure/simulator/json';

/** API version and kind by type of a resource of Terraform's kubernetes provider. */
const KINDS: Readonly<Record<string, { readonly apiVersion: string; readonly kind: string }>> = {
  kubernetes_config_map_v1: { apiVersion: 'v1', kind: 'ConfigMap' },
  kubernetes_daemon_set_v1: { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  kubernetes_daemonset: { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  kubernetes_deployment_v1: { apiVersion: 'apps/v1', kind: 'Deployment' },
  kubernetes_horizontal_pod_autoscaler_v2: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
  kubernetes_job_v1: { apiVersion: 'batch/v1', kind: 'Job' },
  kubernetes_namespace_v1: { apiVersion: 'v1', kind: 'Namespace' },
  kubernetes_network_policy_v1: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
  kubernetes_pod_disruption_budget_v1: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
  kubernetes_secret_v1: { apiVersion: 'v1', kind: 'Secret' },
  kubernetes_service_account_v1: { apiVersion: 'v1', kind: 'ServiceAccount' },
  kubernetes_service_v1: { apiVersion: 'v1', kind: 'Service' },
};

/** Kinds of objects in a namespace, as kubectl expects them. */
export const NAMESPACED_KINDS: readonly string[] = [
  ...new Set(Object.values(KINDS).map(({ kind }) => kind.toLowerCase())),
].filter((kind) => kind !== 'namespace');

/** Blocks that are lists in Kubernetes, with the names that they have there. All others are single objects. */
const LISTS: Readonly<Record<string, string>> = {
  container: 'containers',
  egress: 'egress',
  env: 'env',
  env_from: 'envFrom',
  from: 'from',
  host_aliases: 'hostAliases',
  image_pull_secrets: 'imagePullSecrets',
  ingress: 'ingress',
  init_container: 'initContainers',
  items: 'items',
  match_expressions: 'matchExpressions',
  metric: 'metrics',
  port: 'ports',
  ports: 'ports',
  sources: 'sources',
  to: 'to',
  toleration: 'tolerations',
  topology_spread_constraint: 'topologySpreadConstraints',
  volume: 'volumes',
  volume_mount: 'volumeMounts',
};

/** Arguments whose keys and texts belong to the user. */
const MAPS = new Set([
  'annotations',
  'binary_data',
  'data',
  'labels',
  'limits',
  'match_labels',
  'node_selector',
  'requests',
  'selector',
  'string_data',
]);

/** Texts, although they may look like numbers. */
const TEXTS = new Set(['args', 'command', 'image', 'name', 'namespace', 'value']);

/** What only the provider reads. */
const NOT_SENT = new Set([
  'data_wo_revision',
  'timeouts',
  'wait_for_completion',
  'wait_for_load_balancer',
  'wait_for_rollout',
]);

/** Meta-arguments of Terraform. */
export const META_ARGUMENTS = new Set([
  '//',
  'count',
  'depends_on',
  'for_each',
  'lifecycle',
  'provider',
  'provisioner',
]);

/**
 * Converts the arguments of a resource of Terraform's kubernetes provider to a manifest. Texts with Terraform's expressions
 * stay as they are.
 *
 * @throws Error for a type of resource that is not known here
 */
export function toManifest(type: string, resource: JsonObject): JsonObject {
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
  if (kind === undefined) {
    throw new Error(`${type} has no known kind; add it to KINDS`);
  }
  const manifest: JsonObject = { ...kind };
  for (const [name, value] of Object.entries(argumentsOf(resource))) {
    if (!NOT_SENT.has(name)) {
      const isSecretData = kind.kind === 'Secret' && name === 'data_wo';
      Object.assign(manifest, isSecretData ? { stringData: value } : convert(name, value));
    }
  }
  return manifest;
}

/** A resource without the meta-arguments of Terraform. */
export function argumentsOf(resource: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(resource).filter(([name]) => !META_ARGUMENTS.has(name)));
}

/** Arguments as the provider stores them: each block is a list. */
export function asBlocks(value: Json | undefined, name = ''): Json | undefined {
  if (Array.isArray(value)) {
    return value.map((each) => (isObject(each) ? blockOf(each) : each));
  }
  return isObject(value) && !MAPS.has(name) ? [blockOf(value)] : value;
}

function blockOf(block: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(block).map(([name, value]) => [name, asBlocks(value, name)]));
}

function convert(name: string, value: Json | undefined): JsonObject {
  if (isMap(name, value)) {
    return { [camelCase(name)]: value };
  }
  if (Array.isArray(value) && value.every(isObject)) {
    return Object.hasOwn(LISTS, name)
      ? { [LISTS[name]]: value.map(convertBlock) }
      : { [camelCase(name)]: convertBlock(objectOf(value[0])) };
  }
  if (isObject(value)) {
    return { [camelCase(name)]: convertBlock(value) };
  }
  return { [camelCase(name)]: scalar(name, value) };
}

function convertBlock(block: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const [name, value] of Object.entries(block)) {
    Object.assign(result, convert(name, value));
  }
  return result;
}

/** The selector of a Service is a map, that of a Deployment a block. */
function isMap(name: string, value: Json | undefined): boolean {
  return (
    MAPS.has(name) &&
    isObject(value) &&
    !(name === 'selector' && ('match_labels' in value || 'match_expressions' in value))
  );
}

/** Terraform has texts where Kubernetes has numbers, or either of both. */
function scalar(name: string, value: Json | undefined): Json | undefined {
  if (typeof value !== 'string' || TEXTS.has(name) || !/^\d+$/.test(value)) {
    return value;
  }
  return name.endsWith('mode') ? parseInt(value, 8) : Number(value);
}

function camelCase(name: string): string {
  const camel = name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return ACRONYMS[camel] ?? camel;
}

/** Names that Kubernetes does not write in camel case. */
const ACRONYMS: Readonly<Record<string, string>> = {
  clusterIp: 'clusterIP',
  clusterIps: 'clusterIPs',
  externalIps: 'externalIPs',
  externalName: 'externalName',
  hostIp: 'hostIP',
  hostIpc: 'hostIPC',
  hostPid: 'hostPID',
  loadBalancerIp: 'loadBalancerIP',
  podIp: 'podIP',
};
