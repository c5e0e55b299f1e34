import fc from 'fast-check';

import type { V1Deployment, V1Pod } from '../../lib/kubernetes/cluster-client';
import { rolloutProgress } from '../../lib/kubernetes/deployment-rollout';
import { podProblem } from '../../lib/kubernetes/pod-problem';
import { container, pod, pods, REVISION } from './objects';

describe('what a pod waits for', () => {
  it('is nothing if it is ready, or on its way out', () => {
    expect([podProblem(pods.ready()), podProblem(pods.deleted())]).toEqual([undefined, undefined]);
  });

  it('is an image that cannot be pulled', () => {
    expect(podProblem(pods.pullBackOff())).toEqual({
      pod: 'pulling',
      failing: true,
      reason:
        'container scoring: ImagePullBackOff: Back-off pulling image "registry.example.com/pets:2": ErrImagePull: rpc error: ' +
        'code = NotFound desc = failed to pull and unpack image: not found',
      log: undefined,
    });
  });

  it('is a container that crashes, whose previous log says why', () => {
    expect(podProblem(pods.crashLoop())).toEqual({
      pod: 'crashing',
      failing: true,
      reason: 'container scoring ended with exit code 1 (Error), restarted 4 times',
      log: { container: 'scoring', previous: true },
    });
  });

  it('is memory', () => {
    expect(podProblem(pods.outOfMemory())).toEqual({
      pod: 'hungry',
      failing: true,
      reason: 'container scoring ended with exit code 137 (OOMKilled), restarted 1 time',
      log: { container: 'scoring', previous: false },
    });
  });

  it('is a node with room, for which it can wait', () => {
    expect(podProblem(pods.unschedulable())).toEqual({
      pod: 'waiting',
      failing: false,
      reason: 'Unschedulable: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu.',
    });
  });

  it('is its image, or its model, which takes time', () => {
    expect(podProblem(pods.creating())).toMatchObject({
      failing: false,
      reason: 'container scoring: ContainerCreating',
    });
    expect(podProblem(pods.unready())).toMatchObject({
      failing: false,
      reason: 'container scoring runs, not ready yet',
      log: { container: 'scoring', previous: false },
    });
  });

  it('is an init container that crashes, not the container that waits for it', () => {
    expect(podProblem(pods.initializing())).toMatchObject({
      failing: true,
      reason: 'container model-repository ended with exit code 2 (Error), restarted 2 times',
      log: { container: 'model-repository', previous: true },
    });
  });

  it('is nothing that comes, if it was evicted', () => {
    expect(podProblem(pods.evicted())).toEqual({
      pod: 'evicted',
      failing: true,
      reason: 'Evicted: The node was low on resource: ephemeral-storage.',
    });
  });

  it('is not known before a node has reported anything', () => {
    expect(podProblem(pod('new', { phase: 'Pending' }, { nodeName: '' }))?.reason).toBe('not scheduled yet');
    expect(podProblem(pod('new', { phase: 'Pending' }))?.reason).toBe('starting');
  });

  it('is not an earlier crash of a container that runs again and is ready', () => {
    const restarted = pod('restarted', {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'False' }],
      containerStatuses: [
        container(
          { running: {} },
          { ready: true, restartCount: 1, lastState: { terminated: { exitCode: 1 } } },
        ),
        container({ running: {} }, { name: 'triton' }),
      ],
    });
    expect(podProblem(restarted)).toMatchObject({
      failing: false,
      reason: 'container triton runs, not ready yet',
    });
  });

  it('is told in one line of at most 300 characters', () => {
    const message = `first line ${'x'.repeat(1000)}\nsecond line`;
    const status = {
      containerStatuses: [container({ waiting: { reason: 'CreateContainerError', message } })],
    };
    const { reason = '' } = podProblem(pod('new', status)) ?? {};
    expect(reason).not.toContain('\n');
    expect(reason).toHaveLength('container scoring: CreateContainerError: '.length + 300);
  });
});

/** Anything that an API server of another version could send in the place of these fields. */
function optional<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined });
}

const text = optional(fc.string({ minLength: 1, maxLength: 20 }));
const count = optional(fc.integer({ min: 0, max: 5 }));
const state = fc.record({
  waiting: optional(fc.record({ reason: text, message: text })),
  running: optional(fc.constant({})),
  terminated: optional(fc.record({ exitCode: fc.integer({ min: 0, max: 255 }), reason: text })),
});
const containerStatuses = optional(
  fc.array(
    fc.record({
      name: fc.string(),
      ready: fc.boolean(),
      restartCount: fc.nat(5),
      state: optional(state),
      lastState: optional(state),
    }),
    { maxLength: 3 },
  ),
);
const conditions = optional(
  fc.array(
    fc.record({
      type: fc.constantFrom('Ready', 'PodScheduled', 'Progressing', 'Available', 'ReplicaFailure'),
      status: fc.constantFrom('True', 'False', 'Unknown'),
      reason: optional(
        fc.constantFrom('ProgressDeadlineExceeded', 'NewReplicaSetAvailable', 'Unschedulable'),
      ),
      message: text,
    }),
    { maxLength: 4 },
  ),
);

it('a pod in any state is ready or waits for something that can be told', () => {
  const status = optional(
    fc.record({
      phase: optional(fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed', 'Unknown')),
      reason: text,
      message: text,
      conditions,
      containerStatuses,
      initContainerStatuses: containerStatuses,
    }),
  );
  fc.assert(
    fc.property(fc.record({ metadata: optional(fc.record({ name: text })), status }), (any) => {
      const problem = podProblem(any as unknown as V1Pod);
      const ready = any.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
      expect(problem === undefined).toBe(ready);
      expect(problem?.reason ?? 'ready').not.toBe('');
    }),
  );
});

it('a Deployment in any state has a progress, which is complete only if enough pods are available', () => {
  const status = optional(
    fc.record({
      observedGeneration: count,
      replicas: count,
      updatedReplicas: count,
      availableReplicas: count,
      conditions,
    }),
  );
  const spec = optional(
    fc.record({
      replicas: count,
      progressDeadlineSeconds: optional(fc.integer({ min: 1, max: 3600 })),
      template: fc.record({
        metadata: optional(
          fc.record({ labels: optional(fc.constant({ 'cdktf-brainwave/revision': REVISION })) }),
        ),
      }),
    }),
  );
  const metadata = optional(fc.record({ name: text, generation: count }));
  fc.assert(
    fc.property(fc.record({ metadata, spec, status }), (any) => {
      const progress = rolloutProgress(any as unknown as V1Deployment, REVISION);
      expect(progress.deadlineMs).toBeGreaterThan(0);
      expect(progress.summary).not.toContain('undefined');
      const available = any.status?.availableReplicas ?? 0;
      expect(progress.complete && available < (any.spec?.replicas ?? 1)).toBe(false);
      expect(progress.complete && progress.failure !== undefined).toBe(false);
    }),
  );
});
