import { Autoscaling } from '../../constructs';
import type { Finding } from '../../lib/doctor/check';
import { objectOf, objectsOf } from '../azure/simulator/json';
import { runCommand } from '../support/cli';
import { until } from '../support/until';
import { testCluster } from './support/cluster-connection';
import { getObject } from './support/kubectl';
import { NO_CALL_LOST, whileCalling } from './support/scenario';
import { ScoringProject } from './support/scoring-project';

/*
 * A service whose number of replicas follows its load. The cluster has a metrics-server, and nothing that serves metrics of pods
 * other than CPU and memory.
 */

const NAME = 'autoscaling';
const SCALING_MS = 180_000;

let project: ScoringProject;

beforeAll(async () => {
  project = await ScoringProject.create(NAME);
});

afterAll(async () => {
  await project.remove();
});

it('an autoscaler on calls in flight asks for their number in the pods, which only an adapter serves', async () => {
  await project.deploy({ replicas: 1, autoscaling: Autoscaling.inFlight({ maxReplicas: 2, target: 4 }) });
  const { spec } = await autoscaler();
  expect(spec.metrics).toEqual([
    {
      type: 'Pods',
      pods: {
        metric: { name: 'brainwave_calls_in_flight' },
        target: { type: 'AverageValue', averageValue: '4' },
      },
    },
  ]);
  await until(async () => {
    const { status } = await autoscaler();
    return objectsOf(status.conditions).some(({ reason }) => reason === 'FailedGetPodsMetric');
  }, SCALING_MS);
});

it('an autoscaler on CPU adds replicas under load without a lost call', async () => {
  const autoscaling = Autoscaling.cpu({ maxReplicas: 2, utilizationPercent: 100 });
  await project.deploy({ replicas: 1, autoscaling });
  const calls = await whileCalling(project, 'Autoscaler on CPU: from 1 to 2 replicas', () =>
    until(async () => {
      const [{ status }] = objectsOf((await getObject('deployments', '--namespace', NAME)).items);
      return objectOf(status).availableReplicas === 2;
    }, SCALING_MS),
  );
  expect(calls).toMatchObject(NO_CALL_LOST);
  const [metric] = objectsOf((await autoscaler()).status.currentMetrics);
  expect(objectOf(objectOf(metric.resource).current).averageUtilization).toEqual(expect.any(Number));
  expect(await project.hasChanges()).toBe(false);
});

it('the doctor sees that the cluster has a metrics-server', async () => {
  const env = { KUBECONFIG: testCluster().kubeconfigFile };
  const { stdout } = await runCommand(['doctor', '--json', '--time-host', '127.0.0.1:1'], __dirname, { env });
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  expect(findings).toContainEqual(expect.objectContaining({ check: 'kubernetes', outcome: 'passed' }));
});

async function autoscaler() {
  const { items } = await getObject('horizontalpodautoscalers', '--namespace', NAME);
  const [{ spec, status }] = objectsOf(items);
  return { spec: objectOf(spec), status: objectOf(status) };
}
