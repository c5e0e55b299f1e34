import type { App, TerraformStack } from 'cdktf';

import {
  BrainwaveWebservice,
  LocalCompute,
  LocalWorkspace,
  RegisteredModel,
  Sample,
  SmokeTest,
} from '../../constructs';
import { Synthesized } from './support/synthesized';
import { TestProject } from './support/test-project';

describe('parts of one service in several stacks', () => {
  let project: TestProject;
  let app: App;
  let models: TerraformStack;
  let services: TerraformStack;
  let tests: TerraformStack;

  beforeEach(() => {
    project = new TestProject();
    app = project.app();
    [models, services, tests] = ['models', 'services', 'tests'].map((name) => project.stack(name, app));
    const model = new RegisteredModel(models, 'Model', {
      workspace: new LocalWorkspace(models, 'Workspace'),
      name: 'pets',
      serviceDefinition: project.definition(),
    });
    const service = new BrainwaveWebservice(services, 'Service', { model, compute: new LocalCompute() });
    new SmokeTest(tests, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
  });

  afterEach(() => {
    project.leave();
  });

  it('pass their revisions as outputs, so that a change in one stack replaces dependents in the next', () => {
    const first = new Synthesized(models);
    const second = new Synthesized(services);
    const third = new Synthesized(tests);
    const version = `terraform_data.${first.name('Model/Version')}`;
    expect(Object.values(first.outputs).map(({ value }) => value)).toEqual([`\${${version}.id}`]);
    expect(second.resource('Service/Configuration').triggers_replace?.model).toMatch(
      /^\$\{data\.terraform_remote_state\.[\w-]*models\.outputs\.[\w-]+id\}$/,
    );
    expect(third.resource('SmokeTest/Run').triggers_replace?.service).toMatch(
      /^\$\{data\.terraform_remote_state\.[\w-]*services\.outputs\.[\w-]+id\}$/,
    );
  });

  it('do not depend on resources in another stack, which Terraform would reject', () => {
    const second = new Synthesized(services);
    expect(second.resource('Service/Configuration').depends_on).toEqual([
      `terraform_data.${second.name('Service/Reservation')}`,
    ]);
    expect(new Synthesized(tests).resource('SmokeTest/Run').depends_on).toEqual([]);
  });

  it('are deployed one after the other', () => {
    app.synth();
    expect(services.dependsOn(models)).toBe(true);
    expect(tests.dependsOn(services)).toBe(true);
    expect(models.dependsOn(services)).toBe(false);
  });
});
