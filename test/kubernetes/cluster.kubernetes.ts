import { objectsOf, objectOf } from '../azure/simulator/json';
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

  it('runs pods', async () => {
    await kubectl('run', 'probe', `--image=${IMAGES.first}`, '--restart=Never');
    await kubectl('wait', 'pod/probe', '--for=condition=Ready', '--timeout=60s');
    process.stdout.write(await kubectl('logs', 'probe'));
    await kubectl('delete', 'pod/probe', '--grace-period=1');
  });
});
