import type { ClusterClient, V1Deployment, V1Service } from './cluster-client';
import type { DeploymentRollout } from './deployment-rollout';

/** Label that the Deployments of a service have in common. */
const INSTANCE_LABEL = 'app.kubernetes.io/instance';

/**
 * Stops the pods of a service's other revisions that no caller reaches: those whose test failed or was interrupted. Until
 * then they run, to be looked at, and the nodes may have no room for them beside the pods that serve and the new ones.
 * Terraform deletes their Deployments once the new revision serves.
 */
export async function stopAbandonedRevisions(
  client: ClusterClient,
  { namespace, deployment }: DeploymentRollout,
  write: (line: string) => void,
): Promise<void> {
  const { metadata } = await client.apps.readNamespacedDeployment({ namespace, name: deployment });
  const labelSelector = `${INSTANCE_LABEL}=${metadata?.labels?.[INSTANCE_LABEL] ?? ''}`;
  const { items: deployments } = await client.apps.listNamespacedDeployment({ namespace, labelSelector });
  const { items: services } = await client.core.listNamespacedService({ namespace });
  const selectors = services.flatMap(({ spec }: V1Service) => (spec?.selector ? [spec.selector] : []));
  for (const other of deployments) {
    const name = other.metadata?.name ?? '';
    if (name !== deployment && other.spec?.replicas !== 0 && !isReached(other, selectors)) {
      const target = { namespace, name };
      const scale = await client.apps.readNamespacedDeploymentScale(target);
      await client.apps.replaceNamespacedDeploymentScale({
        ...target,
        body: { ...scale, spec: { replicas: 0 } },
      });
      write(`stopped ${name}, a former attempt that no caller reached`);
    }
  }
}

function isReached({ spec }: V1Deployment, selectors: readonly Readonly<Record<string, string>>[]): boolean {
  const labels = spec?.template.metadata?.labels ?? {};
  return selectors.some((selector) =>
    Object.entries(selector).every(([name, value]) => labels[name] === value),
  );
}
