import { setTimeout as delay } from 'node:timers/promises';

import { REVISION_LABEL } from '../contract/kubernetes-labels';
import {
  describeCallError,
  httpStatusOf,
  type ClusterClient,
  type V1Deployment,
  type V1Pod,
} from './cluster-client';
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
  /** @default 1000 */
  readonly intervalMs?: number | undefined;
  /**
   * Time for a rollout that had failed before the wait began, in milliseconds. It may have been repaired meanwhile.
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
  { write, signal, intervalMs = 1000, failedBeforeMs = 60_000 }: WaitOptions,
): Promise<void> {
  const startMs = Date.now();
  let failedBefore: boolean | undefined;
  let reachedMs = startMs;
  let shown = '';
  const show = (line: string): void => {
    if (line !== shown) {
      shown = line;
      write(line);
    }
  };
  for (;;) {
    signal?.throwIfAborted();
    const seen = await look(client, rollout).catch((error: unknown) => {
      if (isFinal(error) || Date.now() - reachedMs > UNREACHABLE_MS) {
        throw new KubernetesError(
          'CLUSTER_UNREACHABLE',
          `the API server did not return the deployment ${rollout.namespace}/${rollout.deployment} (${describeCallError(error)})`,
          { remedy: 'check the access of the cluster, then deploy again', cause: error },
        );
      }
      show(`the API server does not respond (${describeCallError(error)}); trying again`);
      return undefined;
    });
    if (seen) {
      reachedMs = Date.now();
      const { progress, problems } = seen;
      show([progress.summary, ...problems.map(({ pod, reason }) => `  ${pod}: ${reason}`)].join('\n'));
      if (progress.complete) {
        return;
      }
      failedBefore ??= progress.failure !== undefined;
      if (progress.failure !== undefined && (!failedBefore || Date.now() - startMs > failedBeforeMs)) {
        throw await rolloutError(client, rollout, progress.failure, problems);
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
  const { items } = await client.core.listNamespacedPod({
    namespace,
    labelSelector: `${REVISION_LABEL}=${revision}`,
  });
  return {
    progress: rolloutProgress(found, revision),
    problems: items.flatMap((pod: V1Pod) => podProblem(pod) ?? []),
  };
}

/** How far a rollout is. */
export interface RolloutProgress {
  readonly complete: boolean;
  /** `2 of 3 pods are ready, 1 old pod is left`. */
  readonly summary: string;
  /** Why the rollout has failed, if it has. */
  readonly failure?: string | undefined;
}

/** Returns how far the rollout of a revision is, from the status of its Deployment. */
export function rolloutProgress({ metadata, spec, status }: V1Deployment, revision: string): RolloutProgress {
  const name = metadata?.name ?? '';
  const desired = spec?.replicas ?? 1;
  const { updatedReplicas: updated = 0, replicas: all = 0, availableReplicas: available = 0 } = status ?? {};
  const observed = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
  if (spec?.template.metadata?.labels?.[REVISION_LABEL] !== revision) {
    return {
      complete: false,
      summary: `${name}: another apply is changing it`,
      failure: 'it was changed to another revision meanwhile',
    };
  }
  if (!observed) {
    return { complete: false, summary: `${name}: waiting for the cluster to start the rollout` };
  }
  const ready = Math.min(updated, Math.max(0, available - (all - updated)));
  const old = all - updated;
  const summary =
    `${name}: ${ready} of ${desired} ${desired === 1 ? 'pod' : 'pods'} ready` +
    (old > 0 ? `, ${old} old ${old === 1 ? 'pod' : 'pods'} left` : '');
  const complete = updated >= desired && old === 0 && available >= desired;
  if (complete) {
    return { complete, summary };
  }
  const condition = (type: string) => status?.conditions?.find((each) => each.type === type);
  const refused = condition('ReplicaFailure');
  const exceeded = condition('Progressing')?.reason === 'ProgressDeadlineExceeded';
  return {
    complete,
    summary: refused?.status === 'True' ? `${summary} (${refused.message ?? refused.reason ?? ''})` : summary,
    failure: exceeded
      ? `it made no progress for ${spec.progressDeadlineSeconds ?? 600} s` +
        (refused?.status === 'True' ? `: ${refused.message ?? ''}` : '')
      : undefined,
  };
}

async function rolloutError(
  client: ClusterClient,
  { namespace, deployment }: DeploymentRollout,
  failure: string,
  problems: readonly PodProblem[],
): Promise<KubernetesError> {
  const details = await Promise.all(
    problems.map(async (problem) => {
      const lines = await lastLines(client, namespace, problem);
      return [`  ${problem.pod}: ${problem.reason}`, ...lines.map((line) => `    ${line}`)].join('\n');
    }),
  );
  return new KubernetesError(
    'ROLLOUT_FAILED',
    [`the rollout of ${namespace}/${deployment} failed: ${failure}`, ...details].join('\n'),
    {
      remedy:
        'the pods of the previous revision continue to serve. Fix the reason and deploy again; look closer with: ' +
        `kubectl describe pods --namespace ${namespace}`,
    },
  );
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

/** Whether another attempt would fail in the same way. */
function isFinal(error: unknown): boolean {
  const status = httpStatusOf(error);
  return status === 401 || status === 403 || status === 404;
}
