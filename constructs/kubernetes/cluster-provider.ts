import { Fn, Token } from 'cdktf';
import type { Construct } from 'constructs';

import { FolderLayout } from '../../lib/contract/folder-layout';
import { KubernetesProvider } from '../bindings/kubernetes';
import { nameFromPath } from '../azure/derived-name';
import { jsonTemplate } from '../terraform/json-template';
import { projectPathOf } from '../terraform/project-files';
import { oncePerStack } from '../terraform/once-per-stack';
import type { StepAccess } from '../webservice/webservice';
import type { IKubernetesCluster } from './kubernetes-cluster-reference';

/**
 * Returns the Kubernetes provider of a cluster in a stack. Services of one cluster may be in several stacks, and a stack
 * may use several clusters.
 * @internal
 */
export function providerIn(scope: Construct, cluster: IKubernetesCluster): KubernetesProvider {
  const alias = `kubernetes-${nameFromPath(cluster)}`;
  return oncePerStack(scope, alias, (stack) => {
    const { exec, ...config } = cluster.providerConfig;
    const plugins = Array.isArray(exec) ? exec : [];
    const provider = new KubernetesProvider(stack, alias, {
      ...config,
      alias,
      exec: Array.isArray(exec) ? exec.map((each) => ({ ...each, env: undefined })) : exec,
    });
    // cdktf writes the names of a provider's arguments in snake case, and takes variables for arguments.
    for (const [index, { env }] of plugins.entries()) {
      if (env !== undefined) {
        provider.addOverride(`exec.${index}.env`, env);
      }
    }
    return provider;
  });
}

/** By cluster: a kubeconfig is the same for all steps, and its tokens take longer than the rest of a step. */
const accesses = new WeakMap<IKubernetesCluster, (step: string) => StepAccess>();

/**
 * Returns how the step with this name signs in to a cluster: with the kubeconfig of the provider, or with one that is
 * written for the step from the provider's configuration.
 * @internal
 */
export function stepAccess(cluster: IKubernetesCluster, step: string): StepAccess {
  const access = accesses.get(cluster) ?? accessTo(cluster);
  accesses.set(cluster, access);
  return access(step);
}

function accessTo(cluster: IKubernetesCluster): (step: string) => StepAccess {
  const { configPath, configContext, host, clusterCaCertificate, clientCertificate, clientKey, token, exec } =
    cluster.providerConfig;
  if (configPath !== undefined) {
    const isRelative = !Token.isUnresolved(configPath) && /^\.\.?\//.test(configPath);
    // The provider's path is relative to the stack's folder.
    const file = isRelative ? projectPathOf(cluster, configPath) : configPath;
    return () => ({ kubeconfigFile: file, kubeconfigContext: configContext });
  }
  const plugin = Array.isArray(exec) ? exec.at(0) : undefined;
  const kubeconfig = jsonTemplate({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'cluster',
        cluster: { server: host, 'certificate-authority-data': encoded(clusterCaCertificate) },
      },
    ],
    users: [
      {
        name: 'user',
        user: {
          'client-certificate-data': encoded(clientCertificate),
          'client-key-data': encoded(clientKey),
          token,
          exec: plugin && {
            apiVersion: plugin.apiVersion,
            command: plugin.command,
            args: plugin.args,
            env: Object.entries(plugin.env ?? {}).map(([name, value]) => ({ name, value })),
            interactiveMode: 'Never',
          },
        },
      },
    ],
    contexts: [{ name: 'context', context: { cluster: 'cluster', user: 'user' } }],
    'current-context': 'context',
  });
  return (step) => ({ kubeconfigFile: new FolderLayout().stepKubeconfigFile(step), kubeconfig });
}

function encoded(pem: string | undefined): string | undefined {
  return pem === undefined || !Token.isUnresolved(pem)
    ? pem && Buffer.from(pem).toString('base64')
    : Fn.base64encode(pem);
}
