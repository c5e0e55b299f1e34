import { REVISION_LABEL } from '../contract/kubernetes-labels';
import type { ClusterClient, V1Service } from './cluster-client';
import { waitForDeployment, type DeploymentRollout, type WaitOptions } from './deployment-rollout';

/** Deployment of a revision that no caller reaches yet. */
export interface Candidate extends DeploymentRollout {
  readonly replicas: number;
}

/**
 * Starts the pods of a candidate, if they do not run, waits until they are ready, and runs a function. If anything fails, it
 * stops the pods, unless callers reach them: the nodes may have no room for them, the pods that serve and those of the next attempt.
 * @throws what the function throws; otherwise the errors of {@link waitForDeployment}
 */
export async function withCandidate<Result>(
  client: ClusterClient,
  candidate: Candidate,
  options: WaitOptions,
  run: () => Promise<Result>,
): Promise<Result> {
  const { namespace, deployment, replicas } = candidate;
  const scale = async (count: number): Promise<void> => {
    const target = { namespace, name: deployment };
    const body = await client.apps.readNamespacedDeploymentScale(target);
    await client.apps.replaceNamespacedDeploymentScale({
      ...target,
      body: { ...body, spec: { replicas: count } },
    });
  };
  const stop = async (): Promise<void> => {
    if (!(await servesCallers(client, candidate))) {
      await scale(0);
      options.write(`stopped the pods of ${deployment}, which no caller has reached`);
    }
  };
  try {
    const { spec } = await client.apps.readNamespacedDeploymentScale({ namespace, name: deployment });
    if ((spec?.replicas ?? 0) === 0) {
      await scale(replicas);
    }
    await waitForDeployment(client, candidate, options);
    return await run();
  } catch (error) {
    // The reason of the failure matters more than pods that could not be stopped.
    await stop().catch(() => undefined);
    throw error;
  }
}

/** Whether callers reach the pods of a revision: a test of what serves already can fail, too. */
async function servesCallers(client: ClusterClient, { namespace, revision }: Candidate): Promise<boolean> {
  const { items } = await client.core.listNamespacedService({ namespace });
  return items.some(({ spec }: V1Service) => spec?.selector?.[REVISION_LABEL] === revision);
}
