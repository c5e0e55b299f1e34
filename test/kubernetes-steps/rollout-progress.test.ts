import { rolloutProgress } from '../../lib/kubernetes/deployment-rollout';
import { deployment, EXCEEDED, OVER_QUOTA, REVISION } from './objects';

const progress = (...args: Parameters<typeof deployment>) => ({
  failure: undefined,
  ...rolloutProgress(deployment(...args), REVISION),
});

describe('the rollout of a Deployment', () => {
  it('has not begun before its controller has seen the change', () => {
    const numbers = { replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
    expect(progress(numbers, [], { generation: 4 })).toMatchObject({
      complete: false,
      summary: 'pets-4f2a8c1e: waiting for the cluster to start the rollout',
      failure: undefined,
    });
  });

  it('counts the new pods that are ready and the old ones that are left', () => {
    expect(progress({ replicas: 3, updatedReplicas: 1, availableReplicas: 2 })).toMatchObject({
      complete: false,
      summary: 'pets-4f2a8c1e: 0 of 2 pods ready, 2 old pods left',
      oldPods: 2,
    });
    expect(progress({ replicas: 3, updatedReplicas: 2, availableReplicas: 2 })).toMatchObject({
      complete: false,
      summary: 'pets-4f2a8c1e: 1 of 2 pods ready, 1 old pod left',
      oldPods: 1,
    });
    expect(progress({ desired: 1, replicas: 1, updatedReplicas: 1 }).summary).toBe(
      'pets-4f2a8c1e: 0 of 1 pod ready',
    );
  });

  it('is complete once all pods are new and ready, and no old one is left', () => {
    expect(progress({ replicas: 2, updatedReplicas: 2, availableReplicas: 2 })).toMatchObject({
      complete: true,
      summary: 'pets-4f2a8c1e: 2 of 2 pods ready',
      oldPods: 0,
      failure: undefined,
    });
  });

  it('is complete without pods, if it was scaled to 0', () => {
    expect(progress({ desired: 0 })).toMatchObject({
      complete: true,
      summary: 'pets-4f2a8c1e: 0 of 0 pods ready',
    });
  });

  it('has failed if it made no progress for its deadline', () => {
    expect(progress({ replicas: 3, updatedReplicas: 1, availableReplicas: 2 }, [EXCEEDED])).toMatchObject({
      complete: false,
      deadlineMs: 300_000,
      failure: 'it made no progress for 300 s',
    });
  });

  it('has not failed if its pods became ready after the deadline', () => {
    const numbers = { replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
    expect(progress(numbers, [EXCEEDED])).toMatchObject({ complete: true, failure: undefined });
  });

  it('says at once which quota keeps pods from being created, and at the end that it was the reason', () => {
    const message =
      'pods "pets-4f2a8c1e-7d9c-" is forbidden: exceeded quota: compute, requested: requests.cpu=1, used: requests.cpu=4, ' +
      'limited: requests.cpu=4';
    const numbers = { replicas: 2, availableReplicas: 2 };
    expect(progress(numbers, [OVER_QUOTA])).toMatchObject({
      summary: `pets-4f2a8c1e: 0 of 2 pods ready, 2 old pods left (${message})`,
      failure: undefined,
    });
    expect(progress(numbers, [OVER_QUOTA, EXCEEDED]).failure).toBe(
      `it made no progress for 300 s: ${message}`,
    );
  });

  it('has failed if another apply changes the Deployment meanwhile', () => {
    const numbers = { replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
    expect(progress(numbers, [], { revision: 'another' })).toMatchObject({
      complete: false,
      failure: 'it was changed to another revision meanwhile',
    });
  });
});
