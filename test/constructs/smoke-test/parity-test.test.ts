import type { TerraformStack } from 'cdktf';

import {
  BrainwaveWebservice,
  LocalCompute,
  LocalWorkspace,
  ParityTest,
  RegisteredModel,
  Sample,
  SslSettings,
  type IWebservice,
  type ParityTestProps,
} from '../../../constructs';
import { FakeWebservice } from '../../../constructs/testing';
import { refusal } from '../support/messages';
import { Synthesized } from '../support/synthesized';
import { TestProject } from '../support/test-project';

describe('a parity test', () => {
  let project: TestProject;

  beforeEach(() => {
    project = new TestProject();
  });

  afterEach(() => {
    project.leave();
  });

  function services(stack: TerraformStack): [IWebservice, IWebservice] {
    const workspace = new LocalWorkspace(stack, 'Workspace');
    const serviceDefinition = project.definition({ labels: 'cat\ndog\ntiger cat\n' });
    const model = new RegisteredModel(stack, 'Model', { workspace, name: 'pets', serviceDefinition });
    const declare = (id: string, port: number) =>
      new BrainwaveWebservice(stack, id, {
        model,
        ssl: SslSettings.selfSigned({ hostname: 'scoring.localhost' }),
        compute: new LocalCompute({ port }),
      });
    return [declare('New', 50_051), declare('Former', 50_052)];
  }

  function declare(props: Partial<ParityTestProps> = {}): Synthesized {
    const stack = project.stack();
    const [service, reference] = services(stack);
    const samples = [Sample.image(project.image())];
    new ParityTest(stack, 'Parity', { service, reference, samples, ...props });
    return new Synthesized(stack);
  }

  it('sends each image once to both services, each with its own key', () => {
    const stack = declare({ tolerance: 0.01, maximumClassChanges: 1 });

    const [{ name, specification }] = stack.steps('Parity/Run');
    expect(name).toBe('smoke-test');
    expect(specification).toMatchObject({
      test: {
        target: { port: 50_051, keyFile: '.cdktf-brainwave/services/stack-new/keys.json' },
        reference: {
          target: {
            protocol: 'grpc',
            host: 'scoring.localhost',
            port: 50_052,
            connectTo: '127.0.0.1',
            keyFile: '.cdktf-brainwave/services/stack-former/keys.json',
            modelName: 'pets',
          },
          tolerance: 0.01,
          maximumClassChanges: 1,
        },
        warmCalls: { count: 0 },
      },
      reportFile: '.cdktf-brainwave/reports/stack-parity.json',
    });
  });

  it('runs after both services, and again if either changes', () => {
    const resource = declare().resource('Parity/Run');

    expect(resource.depends_on).toEqual(
      expect.arrayContaining([
        expect.stringContaining('terraform_data.New_Configuration_') as string,
        expect.stringContaining('terraform_data.Former_Configuration_') as string,
      ]),
    );
    expect(resource.triggers_replace).toMatchObject({
      service: expect.stringContaining('terraform_data.New_Configuration_') as string,
      reference: expect.stringContaining('terraform_data.Former_Configuration_') as string,
    });
  });

  it('writes the keys of both services for the test if Terraform has them, and has them removed', () => {
    const stack = project.stack();
    const [service, reference] = ['New', 'Former'].map((id) => new FakeWebservice(stack, id));
    new ParityTest(stack, 'Parity', { service, reference, samples: [Sample.image(project.image())] });

    const steps = new Synthesized(stack).steps('Parity/Run');

    expect(steps).toMatchObject([
      { name: 'write-secrets', specification: { name: 'stack-parity' } },
      { name: 'write-secrets', specification: { name: 'stack-parity-reference' } },
      { name: 'smoke-test' },
    ]);
    expect(steps[2].specification).toMatchObject({
      test: {
        target: { keyFile: '.cdktf-brainwave/steps/stack-parity/keys.json' },
        reference: { target: { keyFile: '.cdktf-brainwave/steps/stack-parity-reference/keys.json' } },
      },
      temporarySecrets: ['stack-parity', 'stack-parity-reference'],
    });
  });

  it('is refused for a service and itself, and with a tolerance that is none', () => {
    expect(
      refusal(() => {
        const stack = project.stack();
        const [service] = services(stack);
        new ParityTest(stack, 'Parity', {
          service,
          reference: service,
          samples: [Sample.image(project.image())],
        });
      }),
    ).toBe(
      'stack/Parity: service and reference are both stack/New; set reference to the service to compare it with',
    );
    expect(refusal(() => declare({ tolerance: -1 }))).toMatch(/^stack\/Parity: tolerance is -1; expected /);
    expect(refusal(() => declare({ maximumClassChanges: 0.5 }))).toMatch(
      /^stack\/Parity: maximumClassChanges is 0\.5; expected a whole number/,
    );
  });
});
