import type { V1ContainerStatus, V1Pod } from './cluster-client';

/** What a pod that is not ready waits for. */
export interface PodProblem {
  readonly pod: string;
  /** `ImagePullBackOff: Back-off pulling image "…"`. */
  readonly reason: string;
  /** Whether it will not become ready by waiting alone: it crashed, or its image cannot be pulled. */
  readonly failing: boolean;
  /** Container whose log explains the reason, and whether it is that of the previous, crashed run. */
  readonly log?: { readonly container: string; readonly previous: boolean } | undefined;
}

/** Returns what a pod waits for, or `undefined` if it is ready. */
export function podProblem({ metadata, status, spec }: V1Pod): PodProblem | undefined {
  const pod = metadata?.name ?? '';
  const condition = (type: string) => status?.conditions?.find((each) => each.type === type);
  if (metadata?.deletionTimestamp !== undefined || condition('Ready')?.status === 'True') {
    return undefined;
  }
  const scheduled = condition('PodScheduled');
  if (scheduled?.status === 'False') {
    return { pod, failing: false, reason: sentence(scheduled.reason ?? 'Unschedulable', scheduled.message) };
  }
  if (status?.phase === 'Failed') {
    return { pod, failing: true, reason: sentence(status.reason ?? 'Failed', status.message) };
  }
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const problems = containers.flatMap((container) => containerProblem(container) ?? []);
  const worst = problems.sort((one, other) => other.severity - one.severity).at(0);
  if (worst === undefined) {
    return { pod, failing: false, reason: spec?.nodeName === undefined ? 'not scheduled yet' : 'starting' };
  }
  return { pod, failing: worst.severity >= FAILING, reason: worst.reason, log: worst.log };
}

/** Severity from which waiting alone does not help. */
const FAILING = 2;

interface ContainerProblem {
  readonly severity: number;
  readonly reason: string;
  readonly log?: PodProblem['log'] | undefined;
}

function containerProblem({
  name,
  state,
  lastState,
  ready,
  restartCount,
}: V1ContainerStatus): ContainerProblem | undefined {
  if (ready) {
    return undefined;
  }
  const crashed = state?.terminated ?? lastState?.terminated;
  if (crashed && crashed.exitCode !== 0) {
    const times =
      restartCount > 0 ? `, restarted ${restartCount} ${restartCount === 1 ? 'time' : 'times'}` : '';
    return {
      severity: 3,
      reason: `container ${name} ended with exit code ${crashed.exitCode} (${crashed.reason ?? 'Error'})${times}`,
      log: { container: name, previous: state?.terminated === undefined },
    };
  }
  if (state?.waiting) {
    const { reason = 'Waiting', message } = state.waiting;
    const usual = reason === 'ContainerCreating' || reason === 'PodInitializing';
    return { severity: usual ? 0 : 2, reason: `container ${name}: ${sentence(reason, message)}` };
  }
  if (state?.running) {
    return {
      severity: 1,
      reason: `container ${name} runs, not ready yet`,
      log: { container: name, previous: false },
    };
  }
  return undefined;
}

/** The message of an image pull can span several lines and name every registry that was tried. */
function sentence(reason: string, message: string | undefined): string {
  return message === undefined || message === ''
    ? reason
    : `${reason}: ${message.split('\n')[0].slice(0, 300)}`;
}
