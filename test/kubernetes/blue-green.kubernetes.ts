import { Rollout, SmokeTestRunner } from '../../constructs';
import { objectOf } from '../azure/simulator/json';
import { IMAGES } from './support/images';
import { getObject } from './support/kubectl';
import { NO_CALL_LOST, whileCalling } from './support/scenario';
import { ScoringProject, type ScoringServiceProps } from './support/scoring-project';

/*
 * A service whose revisions are tested before callers reach them. At first and at the end, its updates are rolling. Each test continues where the one before it has ended.
 */

const rollout = Rollout.blueGreen();
const runner = SmokeTestRunner.CLUSTER;
const good: ScoringServiceProps = { rollout, image: IMAGES.second };

let project: ScoringProject;

beforeAll(async () => {
  project = await ScoringProject.create('blue-green');
  await project.deploy({});
});

afterAll(async () => {
  await project.remove();
});

it('the first change from rolling is tested, too: a wrong model answers no call, and can be reverted', async () => {
  const calls = await whileCalling(
    project,
    'Rolling to blue/green with a wrong model, reverted',
    async () => {
      await expectRejected({ rollout, image: IMAGES.wrong });
      await project.deploy({});
    },
  );
  expect(calls).toMatchObject(NO_CALL_LOST);
  expect(await project.hasChanges()).toBe(false);
});

it('a changed model is tested, and then serves without a lost call', async () => {
  const calls = await whileCalling(project, 'Rolling to blue/green, and model changed', () =>
    project.deploy(good),
  );
  expect(calls).toMatchObject(NO_CALL_LOST);
});

it('a wrong model fails the apply with the reason, wherever its test runs, and answers no call', async () => {
  const serving = await selector();
  const calls = await whileCalling(project, 'Blue/green: wrong model, applied twice', async () => {
    await expectRejected({ rollout, image: IMAGES.wrong });
    await expectRejected({ rollout, image: IMAGES.wrong, runner });
  });
  expect(calls).toMatchObject(NO_CALL_LOST);
  expect(await selector()).toEqual(serving);
});

it('the reverted model never stopped serving, and a test in the cluster leaves nothing there', async () => {
  const calls = await whileCalling(project, 'Blue/green: reverted', () =>
    project.deploy({ ...good, runner }),
  );
  expect(calls).toMatchObject(NO_CALL_LOST);
  expect(await project.hasChanges()).toBe(false);
  const { items } = await getObject('jobs,secrets', '--namespace', 'blue-green');
  expect(items).toEqual([]);
});

it('rolling replaces blue/green without a lost call', async () => {
  const calls = await whileCalling(project, 'Blue/green to rolling', () =>
    project.deploy({ image: IMAGES.first }),
  );
  expect(calls).toMatchObject(NO_CALL_LOST);
});

/** Deploys a wrong model, which must fail. */
async function expectRejected(props: ScoringServiceProps): Promise<void> {
  const { ok, output } = await project.tryDeploy(props);
  expect({ ok, output }).toMatchObject({ ok: false });
  // Terraform breaks long lines.
  expect(output.replaceAll(/[│\s]+/g, ' ')).toMatch(/predicted "blue" .*expected "red"/);
}

async function selector() {
  const { spec } = await getObject('service', 'blue-green', '--namespace', 'blue-green');
  return objectOf(spec).selector;
}
