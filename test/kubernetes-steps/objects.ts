import { REVISION_LABEL } from '../../lib/contract/kubernetes-labels';
import type { V1ContainerStatus, V1Deployment, V1Pod } from '../../lib/kubernetes/cluster-client';
import { DEPLOYMENT, NAMESPACE } from './api-server';

export const REVISION = '4f2a8c1e-8f0b-4f5e-9c1d-3b1f1c2d4e5f';

/** Numbers in the status of a Deployment, as its controller writes them: a number that is 0 is omitted. */
export interface Numbers {
  readonly desired?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
}

type Condition = NonNullable<NonNullable<V1Deployment['status']>['conditions']>[number];

export const EXCEEDED: Condition = {
  type: 'Progressing',
  status: 'False',
  reason: 'ProgressDeadlineExceeded',
  message: `ReplicaSet "${DEPLOYMENT}-7d9c" has timed out progressing.`,
};

export const OVER_QUOTA: Condition = {
  type: 'ReplicaFailure',
  status: 'True',
  reason: 'FailedCreate',
  message:
    `pods "${DEPLOYMENT}-7d9c-" is forbidden: exceeded quota: compute, requested: requests.cpu=1, ` +
    'used: requests.cpu=4, limited: requests.cpu=4',
};

export function deployment(
  { desired = 2, ...numbers }: Numbers,
  conditions: readonly Condition[] = [],
  { revision = REVISION, generation = 3, observedGeneration = 3 } = {},
): V1Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: DEPLOYMENT, namespace: NAMESPACE, generation },
    spec: {
      replicas: desired,
      progressDeadlineSeconds: 300,
      selector: { matchLabels: { app: 'pets' } },
      template: { metadata: { labels: { [REVISION_LABEL]: revision } } },
    },
    status: { observedGeneration, ...numbers, conditions: [...conditions] },
  };
}

type Status = NonNullable<V1Pod['status']>;

export function pod(name: string, status: Status, { nodeName = 'node-1', deleted = false } = {}): V1Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: NAMESPACE,
      labels: { [REVISION_LABEL]: REVISION },
      ...(deleted && { deletionTimestamp: '2026-11-30T10:00:00Z' as unknown as Date }),
    },
    spec: { containers: [{ name: 'scoring' }], ...(nodeName !== '' && { nodeName }) },
    status,
  };
}

/** State of a container, without what the messages do not use. */
export function container(
  state: V1ContainerStatus['state'],
  more: Partial<V1ContainerStatus> = {},
): V1ContainerStatus {
  return {
    name: 'scoring',
    image: 'registry.example.com/pets:1',
    imageID: '',
    ready: false,
    restartCount: 0,
    state,
    ...more,
  };
}

const scheduled = { type: 'PodScheduled', status: 'True' };
const unready = { type: 'Ready', status: 'False', reason: 'ContainersNotReady' };

/** Pods as kubelets and the scheduler describe them. */
export const pods = {
  ready: (name = 'ready') =>
    pod(name, {
      phase: 'Running',
      conditions: [scheduled, { type: 'Ready', status: 'True' }],
      containerStatuses: [container({ running: {} }, { ready: true })],
    }),
  pullBackOff: (name = 'pulling') =>
    pod(name, {
      phase: 'Pending',
      conditions: [scheduled, unready],
      containerStatuses: [
        container({
          waiting: {
            reason: 'ImagePullBackOff',
            message:
              'Back-off pulling image "registry.example.com/pets:2": ErrImagePull: rpc error: code = NotFound desc = failed to ' +
              'pull and unpack image: not found',
          },
        }),
      ],
    }),
  crashLoop: (name = 'crashing') =>
    pod(name, {
      phase: 'Running',
      conditions: [scheduled, unready],
      containerStatuses: [
        container(
          {
            waiting: {
              reason: 'CrashLoopBackOff',
              message: `back-off 1m20s restarting failed container=scoring pod=${name}_pets(c0ffee)`,
            },
          },
          { restartCount: 4, lastState: { terminated: { exitCode: 1, reason: 'Error' } } },
        ),
      ],
    }),
  outOfMemory: (name = 'hungry') =>
    pod(name, {
      phase: 'Running',
      conditions: [scheduled, unready],
      containerStatuses: [
        container({ terminated: { exitCode: 137, reason: 'OOMKilled' } }, { restartCount: 1 }),
      ],
    }),
  unschedulable: (name = 'waiting') =>
    pod(
      name,
      {
        phase: 'Pending',
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.',
          },
        ],
      },
      { nodeName: '' },
    ),
  creating: (name = 'creating') =>
    pod(name, {
      phase: 'Pending',
      conditions: [scheduled, unready],
      containerStatuses: [container({ waiting: { reason: 'ContainerCreating' } })],
    }),
  unready: (name = 'loading') =>
    pod(name, {
      phase: 'Running',
      conditions: [scheduled, unready],
      containerStatuses: [container({ running: {} }, { started: false })],
    }),
  initializing: (name = 'initializing') =>
    pod(name, {
      phase: 'Pending',
      conditions: [scheduled, unready],
      initContainerStatuses: [
        container(
          { waiting: { reason: 'CrashLoopBackOff' } },
          {
            name: 'model-repository',
            restartCount: 2,
            lastState: { terminated: { exitCode: 2, reason: 'Error' } },
          },
        ),
      ],
      containerStatuses: [container({ waiting: { reason: 'PodInitializing' } })],
    }),
  evicted: (name = 'evicted') =>
    pod(name, {
      phase: 'Failed',
      reason: 'Evicted',
      message: 'The node was low on resource: ephemeral-storage.',
    }),
  deleted: (name = 'deleted') => pod(name, { phase: 'Running', conditions: [unready] }, { deleted: true }),
};
