import { Rollout, SmokeTestRunner } from '../../constructs';
import { objectOf } from '../azure/simulator/json';
import { IMAGES } from './support/images';
import { getObject } from './support/kubectl';
import { NO_CALL_LOST, whileCalling } from './support/scenario';
import { ScoringProject, type ScoringServiceProps } from './support/scoring-project';

/*
 * A service whose revisions are tested before callers reach them. Each test continues where the one before it has ended.
 */

const rollout = Rollout.blueGreen();
const good: ScoringServiceProps = { rollout, image: IMAGES.second };

let project: ScoringProject;

beforeAll(async () => {
  project = await ScoringProject.create('blue-green');
  await project.deploy({ rollout });
});

afterAll(async () => {
  await project.remove();
});

it('a changed model is tested, and then serves without a lost call', async () => {
  const calls = await whileCalling(project, 'Blue/green: model changed', () => project.deploy(good));
  expect(calls).toMatchObject(NO_CALL_LOST);
});

it('a wrong model fails the apply with the reason, as often as it is applied, and answers no call', async () => {
  const serving = await selector();
  const calls = await whileCalling(project, 'Blue/green: wrong model, applied twice', async () => {
    for (const attempt of ['first', 'second']) {
      const { ok, output } = await project.tryDeploy({ rollout, image: IMAGES.wrong });
      expect({ attempt, ok, output }).toMatchObject({ attempt, ok: false });
      // Terraform breaks long lines.
      expect(output.replaceAll(/[│\s]+/g, ' ')).toMatch(/predicted "blue" .*expected "red"/);
    }
  });
  expect(calls).toMatchObject(NO_CALL_LOST);
  expect(await selector()).toEqual(serving);
});

it('the reverted model never stopped serving', async () => {
  const serving = await selector();
  const calls = await whileCalling(project, 'Blue/green: reverted', () => project.deploy(good));
  expect(calls).toMatchObject(NO_CALL_LOST);
  expect(await project.hasChanges()).toBe(false);
  expect(Object.keys(objectOf(serving))).toEqual(Object.keys(objectOf(await selector())));
});

it('a test in the cluster finds a wrong model, too, and leaves nothing there', async () => {
  const runner = SmokeTestRunner.CLUSTER;
  const calls = await whileCalling(project, 'Blue/green, tested in the cluster: wrong model', async () => {
    const { ok, output } = await project.tryDeploy({ rollout, runner, image: IMAGES.wrong });
    expect({ ok, output }).toMatchObject({ ok: false });
    expect(output.replaceAll(/[│\s]+/g, ' ')).toMatch(/predicted "blue" .*expected "red"/);
    await project.deploy({ ...good, runner });
  });
  expect(calls).toMatchObject(NO_CALL_LOST);
  const { items } = await getObject('jobs,secrets', '--namespace', 'blue-green');
  expect(items).toEqual([]);
});

async function selector() {
  const { spec } = await getObject('service', 'blue-green', '--namespace', 'blue-green');
  return objectOf(spec).selector;
}
