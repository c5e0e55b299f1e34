import { objectOf, objectsOf, textOf } from '../azure/simulator/json';
import { getObject, kubectl } from './support/kubectl';
import { NO_CALL_LOST, whileCalling } from './support/scenario';
import { ScoringProject, type ScoringServiceProps } from './support/scoring-project';

/** Seconds; many connections end in the time of a test, so that chance evens out. */
const MAX_CONNECTION_AGE = 1;
const SECONDS = 30;

let project: ScoringProject;

beforeAll(async () => {
  project = await ScoringProject.create('spread');
});

afterAll(async () => {
  await project.remove();
});

it('a replica that is added gets its share of the calls of clients that were connected before, and no call is lost', async () => {
  const two: ScoringServiceProps = { replicas: 2, maxConnectionAgeSeconds: MAX_CONNECTION_AGE };
  await project.deploy(two);
  let shares: number[] = [];
  const calls = await whileCalling(
    project,
    'A third replica added for 24 connected callers',
    async () => {
      await project.deploy({ ...two, replicas: 3 });
      await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
      const counts = await callsByPod(SECONDS - 2 * MAX_CONNECTION_AGE);
      const average = counts.reduce((sum, count) => sum + count) / counts.length;
      shares = counts.map((count) => count / average);
    },
    { callerCount: 24 },
  );
  expect(calls).toMatchObject(NO_CALL_LOST);
  expect(shares).toHaveLength(3);
  for (const share of shares) {
    expect(Math.abs(share - 1)).toBeLessThan(0.2);
  }
});

/** The calls that each pod has answered in the last seconds, by its log. */
async function callsByPod(seconds: number): Promise<number[]> {
  const { items } = await getObject('pods', '--namespace', 'spread');
  return Promise.all(
    objectsOf(items).map(async ({ metadata }) => {
      const name = textOf(objectOf(metadata).name);
      const log = await kubectl('logs', name, '--namespace', 'spread', `--since=${seconds}s`);
      return log.split('\n').filter((line) => line.includes('PredictionService/Predict')).length;
    }),
  );
}
