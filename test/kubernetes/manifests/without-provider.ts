import { createHash } from 'node:crypto';

import { isObject, objectOf, textOf, type Json, type JsonObject } from '../../azure/simulator/json';
import { argumentsOf, asBlocks, NAMESPACED_KINDS, toManifest } from './manifest';

/** Label that identifies the version of an object that a resource has applied. */
const VERSION_LABEL = 'test.cdktf-brainwave/version';
/** Name of the resource that deletes former versions. */
const PRUNE = 'prune';
const PRUNED_KINDS = NAMESPACED_KINDS.join(',');
/** Stands for the version in a manifest. */
const VERSION = '@VERSION@';

/** As the provider does, by kind. */
const WAITS: Readonly<Record<string, string>> = {
  Deployment: 'kubectl rollout status "$KIND/$NAME" --namespace "$NAMESPACE" --timeout 10m',
  LoadBalancer:
    'kubectl wait "$KIND/$NAME" --namespace "$NAMESPACE" --timeout 1m --for jsonpath={.status.loadBalancer.ingress}',
};

/**
 * Replaces the resources of Terraform's kubernetes provider in a synthesized stack, where the provider is not available:
 * `terraform_data` whose provisioners apply the manifests with `kubectl`. Terraform still evaluates the expressions, keeps the
 * order, and knows what has failed.
 *
 * A changed object is applied in place, as by the provider: the new `terraform_data` is created first, and destroying the old
 * one deletes only an object that still has the old version. Terraform runs no destroy provisioner of what it replaces in this
 * order, so {@link PRUNE} deletes objects with other names.
 */
export function withoutProvider(stack: JsonObject): JsonObject {
  const { resource, provider, terraform, ...rest } = stack;
  const providers = withoutKubernetes(objectOf(provider));
  const { required_providers: required, ...settings } = objectOf(terraform);
  const requiredProviders = withoutKubernetes(objectOf(required));
  const resources: Record<string, JsonObject> = {};
  for (const [type, instances] of Object.entries(objectOf(resource))) {
    for (const [name, instance] of Object.entries(objectOf(instances))) {
      const isObjectOfKubernetes = type.startsWith('kubernetes_');
      const target = (resources[isObjectOfKubernetes ? 'terraform_data' : type] ??= {});
      target[isObjectOfKubernetes ? nameOf(type, name) : name] = isObjectOfKubernetes
        ? applied(type, objectOf(instance))
        : instance;
    }
  }
  const objects = Object.entries(resources.terraform_data).filter(([name]) => name.startsWith('kubernetes_'));
  if (objects.length > 0) {
    const dependencies = Object.entries(resources).flatMap(([type, instances]) =>
      Object.keys(instances).map((name) => `${type}.${name}`),
    );
    resources.terraform_data[PRUNE] = pruned(objects, dependencies);
  }
  const replaced: JsonObject = {
    ...rest,
    resource: resources,
    ...(Object.keys(providers).length > 0 && { provider: providers }),
    terraform: { ...settings, required_providers: requiredProviders },
  };
  return objectOf(withReferences(replaced));
}

function withoutKubernetes(providers: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(providers).filter(([name]) => name !== 'kubernetes'));
}

function nameOf(type: string, name: string): string {
  return `${type}-${name}`;
}

function applied(type: string, resource: JsonObject): JsonObject {
  const manifest = toManifest(type, resource);
  const kind = textOf(manifest.kind);
  const metadata = objectOf(manifest.metadata);
  const { name, namespace = '' } = metadata;
  manifest.metadata = { ...metadata, labels: { ...objectOf(metadata.labels), [VERSION_LABEL]: VERSION } };
  const spec = objectOf(manifest.spec);
  const isLoadBalancer = spec.type === 'LoadBalancer';
  const address = isLoadBalancer ? addressOf(`${textOf(namespace)}/${textOf(name)}`) : undefined;
  const clusterIP = kind === 'Service' ? clusterAddressOf(`${textOf(namespace)}/${textOf(name)}`) : undefined;
  if (kind === 'Service') {
    // The cluster assigns them, so that they are known before the apply.
    manifest.spec = { ...spec, clusterIP, ...(address !== undefined && { loadBalancerIP: address }) };
  }
  const waits =
    resource.wait_for_rollout === false ? undefined : WAITS[isLoadBalancer ? 'LoadBalancer' : kind];
  const environment = {
    KIND: kind,
    NAME: '${self.input.manifest.metadata.name}',
    NAMESPACE: namespace === '' ? '' : '${self.input.manifest.metadata.namespace}',
    VERSION: '${substr(sha1(jsonencode(self.input)), 0, 20)}',
  };
  const apply = `printf %s "$MANIFEST" | sed "s/${VERSION}/$VERSION/" | kubectl apply --server-side --force-conflicts --field-manager terraform --filename -`;
  const input: JsonObject = {
    manifest,
    // Other resources refer to it.
    resource: {
      ...withClusterIp(blocks(argumentsOf(resource)), clusterIP),
      ...(address !== undefined && {
        status: [{ load_balancer: [{ ingress: [{ ip: address, hostname: '' }] }] }],
      }),
    },
  };
  return {
    input,
    triggers_replace: input,
    lifecycle: { create_before_destroy: true },
    ...(resource.depends_on !== undefined && { depends_on: resource.depends_on }),
    provisioner: [
      {
        'local-exec': {
          command: ['set -e', apply, ...(waits === undefined ? [] : [waits])].join('\n'),
          environment: { ...environment, MANIFEST: '${jsonencode(self.input.manifest)}' },
        },
      },
      {
        'local-exec': {
          when: 'destroy',
          command: `kubectl delete "$KIND" --selector "${VERSION_LABEL}=$VERSION" --namespace "$NAMESPACE" --timeout 2m`,
          environment,
        },
      },
    ],
  };
}

/** Deletes the objects of former versions, when everything that uses the new ones has been applied. */
function pruned(objects: readonly [string, Json | undefined][], dependencies: string[]): JsonObject {
  const namespaces = new Set(
    objects.map(
      ([, object]) => objectOf(objectOf(objectOf(objectOf(object).input).manifest).metadata).namespace ?? '',
    ),
  );
  const versions = objects.map(
    ([name]) => `\${substr(sha1(jsonencode(terraform_data.${name}.input)), 0, 20)}`,
  );
  const input: JsonObject = { versions };
  return {
    triggers_replace: input,
    depends_on: dependencies,
    provisioner: [...namespaces]
      .filter((namespace) => namespace !== '')
      .map((namespace) => ({
        'local-exec': {
          command:
            `kubectl delete ${PRUNED_KINDS} --namespace "$NAMESPACE" --timeout 2m ` +
            `--selector "${VERSION_LABEL},${VERSION_LABEL} notin ($VERSIONS)"`,
          environment: { NAMESPACE: namespace, VERSIONS: `\${join(",", self.triggers_replace.versions)}` },
        },
      })),
  };
}

function blocks(resource: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(resource).map(([name, value]) => [name, asBlocks(value, name)]));
}

/** One of 4000 addresses for benchmarks of networks, which no other network uses. */
function addressOf(service: string): string {
  const number = createHash('sha256').update(service).digest().readUInt16BE() % 4000;
  return `198.18.${192 + Math.floor(number / 250)}.${1 + (number % 250)}`;
}

/** In the range of the test cluster's services. */
function clusterAddressOf(service: string): string {
  return `198.18.128.${10 + (createHash('sha256').update(service).digest().readUInt16BE() % 240)}`;
}

function withClusterIp(resource: JsonObject, clusterIp: string | undefined): JsonObject {
  const [spec] = Array.isArray(resource.spec) ? resource.spec : [];
  return clusterIp === undefined
    ? resource
    : { ...resource, spec: [{ ...objectOf(spec), cluster_ip: clusterIp }] };
}

/** Texts and addresses that refer to the resources of the provider. */
function withReferences(value: Json | undefined, name = ''): Json | undefined {
  if (typeof value === 'string') {
    if (name === 'depends_on' || name === 'replace_triggered_by') {
      return value.replace(
        /^(kubernetes_\w+)\.([\w-]+)$/,
        (_, type: string, id: string) => `terraform_data.${nameOf(type, id)}`,
      );
    }
    return value.replaceAll(
      /(?<![\w.-])(kubernetes_\w+)\.([\w-]+)\./g,
      (_, type: string, id: string) => `terraform_data.${nameOf(type, id)}.output.resource.`,
    );
  }
  if (Array.isArray(value)) {
    return value.map((each) => withReferences(each, name) ?? null);
  }
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withReferences(each, key)]))
    : value;
}
