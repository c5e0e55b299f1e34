import { isIP } from 'node:net';

import type { SmokeTestOptions, SmokeTestTarget } from '../smoke-test/smoke-test-options';
import type { SmokeTestReport } from '../smoke-test/smoke-test-report';
import type { ClusterClient } from './cluster-client';
import type { WaitOptions } from './deployment-rollout';
import { PodForward, readyPods, type PodsOfRevision } from './pod-forward';
import { runSmokeTestJob } from './smoke-test-job';

/** Pods to test. */
export interface TestedPods extends PodsOfRevision {
  /** Whether no caller reaches the pods yet. */
  readonly candidate: boolean;
  /** Set if the test runs in the cluster. */
  readonly job?:
    | { readonly name: string; readonly image: string; readonly imagePullSecrets: readonly string[] }
    | undefined;
}

/** How a test runs on this machine, and what happens with its report. */
export interface TestRun {
  readonly runHere: (options: SmokeTestOptions) => Promise<SmokeTestReport>;
  /** Throws if the test failed. */
  readonly finish: (report: SmokeTestReport) => Promise<void>;
}

/**
 * Tests the pods of a service: those that no caller reaches yet, the service from inside the cluster, or both.
 * @throws KubernetesError, and what `finish` throws
 */
export async function testPods(
  client: ClusterClient,
  pods: TestedPods,
  options: SmokeTestOptions,
  waiting: WaitOptions,
  { runHere, finish }: TestRun,
): Promise<void> {
  const { candidate, job, namespace, port } = pods;
  const run = (target: SmokeTestTarget): Promise<SmokeTestReport> =>
    job
      ? runSmokeTestJob(client, { namespace, ...job }, { ...options, target }, waiting)
      : runHere({ ...options, target });
  if (!candidate) {
    await finish(await run(options.target));
    return;
  }
  const ready = await readyPods(client, pods);
  waiting.write(`testing ${ready.map(({ name }) => name).join(', ')}`);
  if (job) {
    await finish(await run(at(options.target, ready[0].address, port)));
    return;
  }
  const forward = await PodForward.open(client, pods, ready);
  try {
    await finish(await run({ ...options.target, port: forward.port }));
  } finally {
    forward.close();
  }
}

/** A certificate is checked against the host name that callers use. */
function at(target: SmokeTestTarget, address: string, port: number): SmokeTestTarget {
  return isIP(target.host) ? { ...target, host: address, port } : { ...target, connectTo: address, port };
}
