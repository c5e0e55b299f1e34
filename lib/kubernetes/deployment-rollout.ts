import { setTimeout as delay } from 'node:timers/promises';

import { REVISION_LABEL } from '../contract/kubernetes-labels';
import { describeCallError, httpStatusOf, type ClusterClient, type V1Deployment } from './cluster-client';
import { KubernetesError } from './kubernetes-error';
import { podProblem, type PodProblem } from './pod-problem';

/** A Deployment and the revision that its pods must have. */
export interface DeploymentRollout {
  readonly namespace: string;
  readonly deployment: string;
  /** Value of the pods' label {@link REVISION_LABEL}. */
  readonly revision: string;
}

/** How to wait, and where progress goes. */
export interface WaitOptions {
  readonly write: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** Runs before the wait, and again if the API server does not respond. @default - nothing */
  readonly prepare?: (() => Promise<void>) | undefined;
  /** @default 1000 */
  readonly intervalMs?: number | undefined;
  /**
   * Time for failing pods of a rollout that had failed before the wait began, in milliseconds. They are started again,
   * because the reason may be gone.
   * @default 60000
   */
  readonly failedBeforeMs?: number | undefined;
}

/** A lost connection to the API server ends the wait only if it lasts. */
const UNREACHABLE_MS = 60_000;
const LOG_LINES = 5;

/**
 * Waits until all pods of a Deployment have a revision and are ready, and no others are left. Writes a line whenever what
 * the pods wait for changes. The Deployment's progress deadline is the time limit.
 * @throws KubernetesError ROLLOUT_FAILED with the pods and their reasons, CLUSTER_UNREACHABLE; the signal's reason
 */
export async function waitForDeployment(
  client: ClusterClient,
  rollout: DeploymentRollout,
  { write, signal, prepare, intervalMs = 1000, failedBeforeMs = 60_000 }: WaitOptions,
): Promise<void> {
  const startMs = Date.now();
  let failedBefore: boolean | undefined;
  let reachedMs = startMs;
  let shown = '';
  let prepared = false;
  const seeing = async (): Promise<Seen> => {
    if (!prepared) {
      await prepare?.();
      prepared = true;
    }
    return look(client, rollout);
  };
  for (;;) {
    signal?.throwIfAborted();
    const seen = await seeing().catch((error: unknown) => {
      if (isFinal(error) || Date.now() - reachedMs > UNREACHABLE_MS) {
        throw new KubernetesError(
          'CLUSTER_UNREACHABLE',
          `the API server did not return the deployment ${rollout.namespace}/${rollout.deployment} (${describeCallError(error)})`,
          { remedy: 'check the access of the cluster, then deploy again', cause: error },
        );
      }
      const line = `the API server does not respond (${describeCallError(error)}); trying again`;
      if (line !== shown) {
        shown = line;
        write(line);
      }
      return undefined;
    });
    if (seen) {
      reachedMs = Date.now();
      const { progress, problems } = seen;
      const changed = [progress.summary, ...problems.map(({ pod, reason }) => `${pod} ${reason}`)].join('\n');
      if (changed !== shown) {
        shown = changed;
        const { namespace } = rollout;
        const lines = await describeProblems(
          client,
          namespace,
          problems,
          ({ log }) => log?.previous === true,
        );
        write([progress.summary, ...lines].join('\n'));
      }
      if (progress.complete) {
        return;
      }
      if (failedBefore === undefined) {
        failedBefore = progress.failure !== undefined;
        if (failedBefore) {
          await startAgain(client, rollout.namespace, problems);
        }
      }
      const waitedMs = Date.now() - startMs;
      const limitMs = problems.some(({ failing }) => failing) ? failedBeforeMs : progress.deadlineMs;
      if (progress.failure !== undefined && (!failedBefore || waitedMs > limitMs)) {
        throw await rolloutError(client, rollout, progress, problems);
      }
    }
    await delay(intervalMs, undefined, { signal });
  }
}

interface Seen {
  readonly progress: RolloutProgress;
  readonly problems: readonly PodProblem[];
}

async function look(
  client: ClusterClient,
  { namespace, deployment, revision }: DeploymentRollout,
): Promise<Seen> {
  const found = await client.apps.readNamespacedDeployment({ namespace, name: deployment });
  const pods = await client.podsOf(namespace, revision);
  return {
    progress: rolloutProgress(found, revision),
    problems: pods.flatMap((pod) => podProblem(pod) ?? []),
  };
}

/** How far a rollout is. */
export interface RolloutProgress {
  readonly complete: boolean;
  /** `2 of 3 pods are ready, 1 old pod is left`. */
  readonly summary: string;
  /** Pods of other revisions. */
  readonly oldPods: number;
  /** Time without progress after which the rollout has failed, in milliseconds. */
  readonly deadlineMs: number;
  /** Why the rollout has failed, if it has. */
  readonly failure?: string | undefined;
}

/** Returns how far the rollout of a revision is, from the status of its Deployment. */
export function rolloutProgress({ metadata, spec, status }: V1Deployment, revision: string): RolloutProgress {
  const name = metadata?.name ?? '';
  const desired = spec?.replicas ?? 1;
  const { updatedReplicas: updated = 0, replicas: all = 0, availableReplicas: available = 0 } = status ?? {};
  const oldPods = all - updated;
  const deadlineMs = (spec?.progressDeadlineSeconds ?? 600) * 1000;
  const common = { oldPods, deadlineMs };
  const observed = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
  if (spec?.template.metadata?.labels?.[REVISION_LABEL] !== revision) {
    return {
      complete: false,
      ...common,
      summary: `${name}: another apply is changing it`,
      failure: 'it was changed to another revision meanwhile',
    };
  }
  if (!observed) {
    return { complete: false, ...common, summary: `${name}: waiting for the cluster to start the rollout` };
  }
  const ready = Math.min(updated, Math.max(0, available - oldPods));
  const summary =
    `${name}: ${ready} of ${desired} ${podsText(desired)} ready` +
    (oldPods > 0 ? `, ${oldPods} old ${podsText(oldPods)} left` : '');
  const complete = updated >= desired && oldPods === 0 && available >= desired;
  if (complete) {
    return { complete, ...common, summary };
  }
  const condition = (type: string) => status?.conditions?.find((each) => each.type === type);
  const refused = condition('ReplicaFailure');
  const exceeded = condition('Progressing')?.reason === 'ProgressDeadlineExceeded';
  return {
    complete,
    ...common,
    summary: refused?.status === 'True' ? `${summary} (${refused.message ?? refused.reason ?? ''})` : summary,
    failure: exceeded
      ? `it made no progress for ${deadlineMs / 1000} s` +
        (refused?.status === 'True' ? `: ${refused.message ?? ''}` : '')
      : undefined,
  };
}

/** Deletes failing pods, which the cluster would otherwise start again only after minutes. */
async function startAgain(
  client: ClusterClient,
  namespace: string,
  problems: readonly PodProblem[],
): Promise<void> {
  const failing = problems.filter((problem) => problem.failing);
  await Promise.allSettled(
    failing.map(({ pod }) => client.core.deleteNamespacedPod({ namespace, name: pod })),
  );
}

/** One line per pod, with the end of its log if it crashed or does not become ready. */
async function describeProblems(
  client: ClusterClient,
  namespace: string,
  problems: readonly PodProblem[],
  withLog: (problem: PodProblem) => boolean,
): Promise<string[]> {
  const described = await Promise.all(
    problems.map(async (problem) => {
      const lines = withLog(problem) ? await lastLines(client, namespace, problem) : [];
      return [`  ${problem.pod}: ${problem.reason}`, ...lines.map((line) => `    ${line}`)];
    }),
  );
  return described.flat();
}

async function rolloutError(
  client: ClusterClient,
  { namespace, deployment }: DeploymentRollout,
  { failure, oldPods }: RolloutProgress,
  problems: readonly PodProblem[],
): Promise<KubernetesError> {
  const lines = [
    `the rollout of ${namespace}/${deployment} failed: ${failure ?? ''}`,
    ...(await describeProblems(client, namespace, problems, () => true)),
    ...(oldPods > 0 ? [`${oldPods} ${podsText(oldPods)} of the previous revision still serve`] : []),
    `fix the reason and deploy again; find out more with: kubectl describe pods --namespace ${namespace}`,
  ];
  return new KubernetesError('ROLLOUT_FAILED', lines.join('\n'));
}

async function lastLines(
  client: ClusterClient,
  namespace: string,
  { pod, log }: PodProblem,
): Promise<string[]> {
  if (!log) {
    return [];
  }
  try {
    const text = await client.core.readNamespacedPodLog({
      namespace,
      name: pod,
      ...log,
      tailLines: LOG_LINES,
    });
    return text.trimEnd().split('\n');
  } catch {
    // The container may not have started, or its log may be gone: the reason has to do.
    return [];
  }
}

function podsText(count: number): string {
  return count === 1 ? 'pod' : 'pods';
}

/** Whether another attempt would fail in the same way. */
function isFinal(error: unknown): boolean {
  const status = httpStatusOf(error);
  return status === 401 || status === 403 || status === 404;
}
