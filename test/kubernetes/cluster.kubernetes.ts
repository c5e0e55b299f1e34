import { objectsOf, objectOf } from '../azure/simulator/json';
import { until } from '../support/until';
import { IMAGES } from './support/images';
import { getObject, kubectl } from './support/kubectl';

describe('the test cluster', () => {
  it('has one node, with the images that tests deploy', async () => {
    const { items } = await getObject('nodes');
    const [node, ...others] = objectsOf(items);
    const names = objectsOf(objectOf(node.status).images).flatMap(({ names }) => names);
    expect(others).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(Object.values(IMAGES)));
  });

  it('runs pods whose image the run has built', async () => {
    // Left by a run that failed.
    await kubectl('delete', 'pod/probe', '--ignore-not-found', '--grace-period=1');
    await kubectl('run', 'probe', `--image=${IMAGES.first}`, '--restart=Never');
    await kubectl('wait', 'pod/probe', '--for=condition=Ready', '--timeout=60s');
    await until(async () => (await kubectl('logs', 'probe')).includes('"ready"'), 60_000);
    const deleted = await kubectl('delete', 'pod/probe', '--grace-period=1');
    expect(deleted).toContain('"probe" deleted');
  });
});
