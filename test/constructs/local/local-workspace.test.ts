import { Token } from 'cdktf';

import {
  ConstructError,
  LocalWorkspace,
  RegisteredModel,
  type RegisteredModelProps,
} from '../../../constructs';
import { refusal } from '../support/messages';
import { Synthesized } from '../support/synthesized';
import { TestProject } from '../support/test-project';

describe('a registered model in a local workspace', () => {
  let project: TestProject;

  beforeEach(() => {
    project = new TestProject();
  });

  afterEach(() => {
    project.leave();
  });

  function synth(props: Partial<RegisteredModelProps> = {}): Synthesized {
    const stack = project.stack();
    const workspace = new LocalWorkspace(stack, 'Workspace');
    const serviceDefinition = project.definition();
    new RegisteredModel(stack, 'Model', { workspace, name: 'pets', serviceDefinition, ...props });
    return new Synthesized(stack);
  }

  it('is registered with the first digits of its content hash by default', () => {
    const { sha256 } = project.definition();
    const synthesized = synth();
    expect(synthesized.steps('Model/Version')).toEqual([
      {
        name: 'register-model',
        when: 'create',
        specification: {
          registry: '.cdktf-brainwave/models',
          name: 'pets',
          version: sha256.slice(0, 12),
          sha256,
          path: expect.stringMatching(
            new RegExp(`^assets/Model_ServiceDefinition_\\w+/${sha256}/service-definition\\.zip$`),
          ) as string,
          tags: {},
        },
      },
    ]);
  });

  it('applies every property', () => {
    const stack = project.stack();
    const workspace = new LocalWorkspace(stack, 'Workspace', {
      name: 'pets-at-home',
      directory: 'my/registry',
    });
    const model = new RegisteredModel(stack, 'Model', {
      workspace,
      name: 'pets',
      version: 'v1.0',
      serviceDefinition: project.definition(),
      tags: { team: 'pets' },
    });
    expect(workspace.workspaceName).toBe('pets-at-home');
    expect(workspace.directory).toBe('my/registry');
    expect(model).toMatchObject({
      modelName: 'pets',
      modelVersion: 'v1.0',
      labels: ['cat', 'dog', 'fox'],
      location: { localRegistry: 'my/registry' },
    });
    const [register] = new Synthesized(stack).steps('Model/Version');
    expect(register.specification).toMatchObject({
      registry: 'my/registry',
      version: 'v1.0',
      tags: { team: 'pets' },
    });
  });

  it('is removed when it is destroyed, and a previous version is not', () => {
    const synthesized = synth();
    expect(synthesized.steps('Model/Model')).toEqual([
      {
        name: 'remove-model',
        when: 'destroy',
        specification: { registry: '.cdktf-brainwave/models', name: 'pets' },
      },
    ]);
    expect(synthesized.steps('Model/Version').map(({ when }) => when)).toEqual(['create']);
  });

  it('has its version after its name', () => {
    const synthesized = synth();
    const name = `terraform_data.${synthesized.name('Model/Model')}`;
    expect(synthesized.resource('Model/Version')).toMatchObject({
      depends_on: [name],
      triggers_replace: { model: `\${${name}.id}` },
    });
  });

  it('names a workspace by its path', () => {
    expect(new LocalWorkspace(project.stack(), 'PetWorkspace').workspaceName).toBe('stack-pet-workspace');
  });

  it('writes a registry elsewhere relative to the project, never by an absolute path', () => {
    const workspace = new LocalWorkspace(project.stack(), 'Workspace', {
      directory: `${project.folder}/models`,
    });
    expect(workspace.directory).toBe('models');
  });

  it.each(['', '-pets', '.hidden', '../up', 'a/b', 'n'.repeat(256)])('rejects the name "%s"', (name) => {
    const expected = `is "${name}"; expected 1 to 255 letters, digits, ".", "_" and "-", starting with a letter or digit`;
    expect(refusal(() => synth({ name }))).toBe(`stack/Model: name ${expected}`);
    expect(refusal(() => synth({ version: name }))).toBe(`stack/Model: version ${expected}`);
  });

  it('rejects a registry that is known only at apply', () => {
    const directory = Token.asString({ resolve: () => 'later' });
    expect(() => new LocalWorkspace(project.stack(), 'Workspace', { directory })).toThrow(ConstructError);
    expect(refusal(() => new LocalWorkspace(project.stack(), 'Workspace', { directory }))).toBe(
      'stack/Workspace: directory is a token that is resolved only at apply, but its value is needed at synth; ' +
        'pass a literal string',
    );
  });

  it('rejects the same name twice in a registry, even from two stacks: destroying one would remove the other', () => {
    const app = project.app();
    const stacks = ['first', 'second'].map((name) => project.stack(name, app));
    const serviceDefinition = project.definition();
    for (const stack of stacks) {
      const workspace = new LocalWorkspace(stack, 'Workspace');
      new RegisteredModel(stack, 'Model', { workspace, name: 'pets', serviceDefinition });
    }
    expect(refusal(() => new Synthesized(stacks[1]))).toContain(
      'second/Model: the model "pets" is also registered in .cdktf-brainwave/models by first/Model, so destroying ' +
        'one would remove the other; set another name for one of them, or a separate directory for its LocalWorkspace',
    );
    expect(() => {
      app.synth();
    }).toThrow(/the model "pets" is also registered/);
  });

  it('accepts one name in two registries', () => {
    const stack = project.stack();
    const serviceDefinition = project.definition();
    for (const directory of ['one', 'two']) {
      const workspace = new LocalWorkspace(stack, `In-${directory}`, { directory });
      new RegisteredModel(stack, `Model-${directory}`, { workspace, name: 'pets', serviceDefinition });
    }
    expect(() => new Synthesized(stack)).not.toThrow();
  });
});

describe('a model that is registered already', () => {
  let project: TestProject;

  beforeEach(() => {
    project = new TestProject();
  });

  afterEach(() => {
    project.leave();
  });

  it('is known by its attributes', () => {
    const model = RegisteredModel.fromRegisteredModelAttributes(project.stack(), 'Model', {
      modelName: 'pets',
      modelVersion: '7',
      localRegistry: `${project.folder}/registry`,
      labels: ['cat'],
    });
    expect(model).toMatchObject({
      modelName: 'pets',
      modelVersion: '7',
      labels: ['cat'],
      location: { localRegistry: 'registry', revision: 'pets:7' },
    });
  });

  it('declares nothing', () => {
    const stack = project.stack();
    RegisteredModel.fromRegisteredModelAttributes(stack, 'Model', { modelName: 'pets', modelVersion: '7' });
    expect(new Synthesized(stack).resources).toEqual({});
  });

  it('needs a name and a version that a registry takes', () => {
    const make = (modelName: string, modelVersion: string) => () =>
      RegisteredModel.fromRegisteredModelAttributes(project.stack(), 'Model', { modelName, modelVersion });
    expect(refusal(make('a b', '1'))).toMatch(/^stack\/Model: modelName is "a b"; expected/);
    expect(refusal(make('a', '../1'))).toMatch(/^stack\/Model: modelVersion is "\.\.\/1"; expected/);
  });
});
