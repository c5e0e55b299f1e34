import { INSTANCE_LABEL } from '../contract/kubernetes-labels';
import type { ClusterClient, V1Deployment, V1Service } from './cluster-client';
import type { DeploymentRollout } from './deployment-rollout';

/** Deployment whose pods have a new revision. Callers may reach it, if its pods are replaced one at a time. */
export interface Candidate extends DeploymentRollout {
  /** Whether an autoscaler chooses the number of replicas. */
  readonly autoscaled: boolean;
}

/**
 * Makes room for a candidate, and makes it as large as what serves.
 *
 * Other revisions that no caller reaches are stopped: those whose test failed or was interrupted. Until then they run, to be
 * looked at, and the nodes may have no room for them beside the pods that serve and the new ones. Terraform deletes their
 * Deployments once the new revision serves.
 *
 * An autoscaler would start with the minimum of replicas, which the load of all callers may overwhelm.
 */
export async function prepareCandidate(
  client: ClusterClient,
  { namespace, deployment, autoscaled }: Candidate,
  write: (line: string) => void,
): Promise<void> {
  const { metadata, spec } = await client.apps.readNamespacedDeployment({ namespace, name: deployment });
  const labelSelector = `${INSTANCE_LABEL}=${metadata?.labels?.[INSTANCE_LABEL] ?? ''}`;
  const { items } = await client.apps.listNamespacedDeployment({ namespace, labelSelector });
  const services = await client.core.listNamespacedService({ namespace });
  const selectors = services.items.flatMap(({ spec: service }: V1Service) =>
    service?.selector ? [service.selector] : [],
  );
  const scale = async (name: string, replicas: number): Promise<void> => {
    const target = { namespace, name };
    const body = await client.apps.readNamespacedDeploymentScale(target);
    await client.apps.replaceNamespacedDeploymentScale({ ...target, body: { ...body, spec: { replicas } } });
  };
  const others = items.filter((each: V1Deployment) => each.metadata?.name !== deployment);
  for (const other of others) {
    const name = other.metadata?.name ?? '';
    if (other.spec?.replicas !== 0 && !isReached(other, selectors)) {
      await scale(name, 0);
      write(`stopped ${name}, a former attempt that no caller reached`);
    }
  }
  const serving = others.filter((each: V1Deployment) => isReached(each, selectors));
  const replicas = Math.max(0, ...serving.map((each: V1Deployment) => each.spec?.replicas ?? 0));
  if (autoscaled && replicas > (spec?.replicas ?? 1)) {
    await scale(deployment, replicas);
    write(`started ${replicas} pods of ${deployment}, as many as serve`);
  }
}

function isReached({ spec }: V1Deployment, selectors: readonly Readonly<Record<string, string>>[]): boolean {
  const labels = spec?.template.metadata?.labels ?? {};
  return selectors.some((selector) =>
    Object.entries(selector).every(([name, value]) => labels[name] === value),
  );
}
