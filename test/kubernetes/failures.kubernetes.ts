import { IMAGES } from './support/images';
import { NO_CALL_LOST, whileCalling } from './support/scenario';
import { ScoringProject, type ScoringServiceProps } from './support/scoring-project';

/*
 * Changes that fail, and applies that are interrupted. Each test continues where the one before it has ended.
 */

const good: ScoringServiceProps = {};
const missing: ScoringServiceProps = { image: 'localhost/scoring:missing', progressDeadlineSeconds: 20 };

let project: ScoringProject;

beforeAll(async () => {
  project = await ScoringProject.create('failures');
  await project.deploy(good);
});

afterAll(async () => {
  await project.remove();
});

it('an image that does not exist fails the apply as often as it is applied, and callers do not notice', async () => {
  const calls = await whileCalling(project, 'Image that does not exist, applied twice', async () => {
    for (const attempt of ['first', 'second']) {
      const { ok, output } = await project.tryDeploy(missing);
      expect({ attempt, ok, output }).toMatchObject({ attempt, ok: false });
      expect(output).toMatch(/ErrImagePull|ImagePullBackOff/);
    }
  });
  expect(calls).toMatchObject(NO_CALL_LOST);
});

it('the reverted image heals the rollout', async () => {
  const calls = await whileCalling(project, 'Reverted to the image that exists', () => project.deploy(good));
  expect(calls).toMatchObject(NO_CALL_LOST);
  expect(await project.hasChanges()).toBe(false);
});

const MOMENTS: readonly { readonly name: string; readonly at: RegExp }[] = [
  { name: 'before the first change', at: /Plan: \d+ to add/ },
  { name: 'as the deployment changes', at: /Service_Kubernetes_Deployment_\w+: (Creating|Modifying)/ },
  { name: 'as it waits for the rollout', at: /Service_Kubernetes_Rollout_\w+: Provisioning/ },
  { name: 'as the smoke test runs', at: /SmokeTest_\w+: Provisioning/ },
];

it.each(MOMENTS)('an apply that is interrupted $name is completed by the next one', async ({ name, at }) => {
  const image = name === MOMENTS[0].name || name === MOMENTS[2].name ? IMAGES.second : IMAGES.first;
  const changed: ScoringServiceProps = { ...good, image };
  const calls = await whileCalling(project, `Apply interrupted ${name}, and repeated`, async () => {
    await project.interrupt(changed, at);
    await project.deploy(changed);
  });
  expect(calls).toMatchObject(NO_CALL_LOST);
  expect(await project.hasChanges()).toBe(false);
});
