import { objectOf, objectsOf } from '../azure/simulator/json';
import { NODE } from './cluster/test-cluster';
import { getObject, kubectl } from './support/kubectl';
import { ScoringProject } from './support/scoring-project';

const DEVICE = 'nvidia.com/gpu';

let project: ScoringProject;

beforeAll(async () => {
  project = await ScoringProject.create('gpu');
  await setDevices('add', '1');
});

afterAll(async () => {
  await project.remove();
  await setDevices('remove');
});

it('the objects of a service with a GPU are accepted, and its pod is scheduled on a node with the device', async () => {
  // Nothing in the cluster can pull the image of the model server.
  const { ok, output } = await project.tryDeploy({ isOnGpu: true, replicas: 1, progressDeadlineSeconds: 10 });
  expect(ok).toBe(false);
  expect(output).toMatch(/the rollout of gpu\/gpu-[0-9a-f]{8} failed/);

  const [pod] = objectsOf((await getObject('pods', '--namespace', 'gpu')).items);
  const { nodeName, containers } = objectOf(pod.spec);
  expect(nodeName).toBe(NODE);
  expect(
    objectsOf(containers).map(({ name, resources }) => [name, objectOf(objectOf(resources).limits)[DEVICE]]),
  ).toEqual([
    ['scoring', undefined],
    ['triton', '1'],
  ]);
});

/** As a device plugin advertises devices, or stops to. */
async function setDevices(op: 'add' | 'remove', value?: string): Promise<void> {
  const path = `/status/capacity/${DEVICE.replace('/', '~1')}`;
  const patch = JSON.stringify([{ op, path, ...(value !== undefined && { value }) }]);
  await kubectl('patch', 'node', NODE, '--subresource=status', '--type=json', `--patch=${patch}`);
}
