import { until } from '../support/until';
import { objectOf, objectsOf, textOf } from '../azure/simulator/json';
import { NODE } from './cluster/test-cluster';
import { IMAGES } from './support/images';
import { getObject, kubectl, tryKubectl } from './support/kubectl';
import { NO_CALL_LOST, whileCalling } from './support/scenario';
import { ScoringProject, type ScoringServiceProps } from './support/scoring-project';

/*
 * A service with rolling updates, from its first deployment to its destruction. Each test continues where the one before it
 * has ended.
 */

let project: ScoringProject;
let deployed: ScoringServiceProps = {};

beforeAll(async () => {
  project = await ScoringProject.create('rolling');
});

afterAll(async () => {
  await project.remove();
});

it('the first deployment serves, and its smoke test passes', async () => {
  const output = await project.deploy(deployed);
  expect(output).toContain('smoke test passed');
  expect(await whileCalling(project, 'First deployment', () => Promise.resolve())).toMatchObject(
    NO_CALL_LOST,
  );
});

it('a second apply has nothing to change', async () => {
  expect(await project.hasChanges()).toBe(false);
});

it('pods say where their metrics are, and serve them and the probes there', async () => {
  let answered = 0;
  for (const { metadata, status } of objectsOf((await pods()).items)) {
    const annotations = objectOf(objectOf(metadata).annotations);
    expect(annotations['prometheus.io/scrape']).toBe('true');
    const health = `http://${textOf(objectOf(status).podIP)}:${textOf(annotations['prometheus.io/port'])}`;
    const response = await fetch(`${health}${textOf(annotations['prometheus.io/path'])}`);
    const metrics = await response.text();
    expect(metrics).toMatch(/^brainwave_model_info\{.*revision="[\w-]+"\} 1$/m);
    const calls = /^brainwave_requests_total\{.*Predict",code="OK"\} (\d+)$/m.exec(metrics);
    answered += Number(calls?.[1] ?? 0);
    for (const probe of ['/livez', '/readyz']) {
      expect((await fetch(`${health}${probe}`)).status).toBe(200);
    }
  }
  expect(answered).toBeGreaterThan(0);
});

it('the network policy allows callers to reach the port of the service alone, and pods to call nobody', async () => {
  const { spec } = await getObject('networkpolicy', 'rolling', '--namespace', 'rolling');
  const { metadata } = objectsOf((await pods()).items)[0];
  const { podSelector, ...rules } = objectOf(spec);
  expect(rules).toEqual({
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ ports: [{ port: 50_051, protocol: 'TCP' }] }],
  });
  const { matchLabels } = objectOf(podSelector);
  expect(objectOf(metadata).labels).toMatchObject(objectOf(matchLabels));
});

it('a changed model replaces the pods without a lost call', async () => {
  await expectNoCallLost('Model changed', { image: IMAGES.second });
});

it('more replicas are added, and removed again, without a lost call', async () => {
  await expectNoCallLost('Scaled from 2 to 3 replicas', { replicas: 3 });
  await expectNoCallLost('Scaled from 3 to 2 replicas', { replicas: 2 });
});

it('a deleted pod is replaced without a lost call', async () => {
  const [pod] = await podNames();
  const calls = await whileCalling(project, 'A pod deleted', async () => {
    await kubectl('delete', 'pod', pod, '--namespace', 'rolling');
    await twoPodsReady();
  });
  expect(calls).toMatchObject(NO_CALL_LOST);
});

it('a drained node keeps one pod until there is room for another, without a lost call', async () => {
  const calls = await whileCalling(project, 'The only node drained, then usable again', async () => {
    const selector = '--pod-selector=app.kubernetes.io/instance=rolling';
    const drained = await tryKubectl('drain', NODE, selector, '--delete-emptydir-data', '--timeout=20s');
    expect(drained.stderr).toContain("Cannot evict pod as it would violate the pod's disruption budget");
    await kubectl('uncordon', NODE);
    await twoPodsReady();
  });
  expect(calls).toMatchObject(NO_CALL_LOST);
});

it('a destroyed service leaves nothing in the cluster', async () => {
  expect(await objects()).toContain('namespace/rolling');
  expect(await project.destroy()).toMatchObject({ ok: true });
  expect(await objects()).toEqual([]);
});

/** Deploys a change, and expects that no call is lost and nothing is left to change. */
async function expectNoCallLost(scenario: string, change: ScoringServiceProps): Promise<void> {
  deployed = { ...deployed, ...change };
  const calls = await whileCalling(project, scenario, () => project.deploy(deployed));
  expect(calls).toMatchObject(NO_CALL_LOST);
}

function pods() {
  return getObject('pods', '--namespace', 'rolling');
}

async function podNames(): Promise<string[]> {
  const running = objectsOf((await pods()).items).map(({ metadata }) => objectOf(metadata));
  // Those of the former number of replicas may still be ending.
  return running
    .filter(({ deletionTimestamp }) => deletionTimestamp === undefined)
    .map(({ name }) => textOf(name));
}

async function twoPodsReady(): Promise<void> {
  await until(async () => {
    const [{ status }] = objectsOf((await getObject('deployments', '--namespace', 'rolling')).items);
    const { replicas, readyReplicas } = objectOf(status);
    return replicas === 2 && readyReplicas === 2;
  }, 60_000);
}

/** Objects of the service. Other tests deploy to the same cluster meanwhile. */
async function objects(): Promise<string[]> {
  const kinds =
    'namespaces,configmaps,secrets,services,pods,deployments,horizontalpodautoscalers,networkpolicies,poddisruptionbudgets';
  const selector = '--selector=app.kubernetes.io/instance=rolling';
  const names = await kubectl('get', kinds, '--all-namespaces', selector, '--output=name');
  return names.split('\n').filter(Boolean).sort();
}
