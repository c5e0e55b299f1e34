import { Annotations, App, Aspects, DataResource, TerraformVariable, type TerraformStack } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';

import { synthStack, SynthError } from '../../../constructs/testing';
import { TestProject } from '../support/test-project';

describe('synthStack', () => {
  let project: TestProject;
  let stack: TerraformStack;

  beforeEach(() => {
    project = new TestProject();
    stack = project.stack();
  });

  afterEach(() => {
    project.leave();
  });

  function failure(): SynthError {
    try {
      synthStack(stack);
    } catch (error) {
      expect(error).toBeInstanceOf(SynthError);
      return error as SynthError;
    }
    throw new Error('it was accepted');
  }

  it('returns the JSON that Terraform reads', () => {
    new DataResource(stack, 'Data', { input: { x: 1 } });
    const { json, annotations } = synthStack(stack);
    expect(JSON.parse(json)).toEqual({
      resource: { terraform_data: { Data: { input: { x: 1 } } } },
      terraform: { backend: { local: { path: '../../../stack.tfstate' } } },
    });
    expect(annotations).toEqual([]);
  });

  it('fails if validations fail, with all of their messages', () => {
    for (const id of ['One', 'Two']) {
      new Construct(stack, id).node.addValidation({ validate: () => [`${id} is wrong`, `${id} is late`] });
    }
    const error = failure();
    expect(error.message).toBe(
      'the stack cannot be synthesized:\n[stack/One] One is wrong\n[stack/One] One is late\n' +
        '[stack/Two] Two is wrong\n[stack/Two] Two is late',
    );
    expect(error.code).toBe('SYNTH_FAILED');
  });

  it('names no construct before a message that begins with a path in the stack', () => {
    const messages = ['stack/Mine: something is off', 'stack/Mine/Own: that, too', 'stack: and that'];
    new Construct(stack, 'Mine').node.addValidation({ validate: () => messages });
    stack.node.addValidation({ validate: () => ['stackable it is not'] });
    expect(failure().message.split('\n').slice(1)).toEqual(['[stack] stackable it is not', ...messages]);
  });

  it('names the construct as `cdktf synth` does', () => {
    new Construct(stack, 'Mine').node.addValidation({ validate: () => ['something is off'] });
    expect(failure().message).toContain('\n[stack/Mine] something is off');
    expect(() => {
      App.of(stack).synth();
    }).toThrow('\n  [stack/Mine] something is off\n');
  });

  it('fails if a validation of the app fails, as `cdktf synth` does', () => {
    App.of(stack).node.addValidation({ validate: () => ['the app has too many stacks'] });
    expect(failure().message).toBe('the stack cannot be synthesized:\nthe app has too many stacks');
    expect(() => {
      App.of(stack).synth();
    }).toThrow('the app has too many stacks');
  });

  it('ignores errors of another stack', () => {
    const app = App.of(stack);
    new Construct(project.stack('other', app), 'Wrong').node.addValidation({ validate: () => ['it is off'] });
    expect(() => synthStack(stack)).not.toThrow();
  });

  it('fails if an error is attached to a construct', () => {
    Annotations.of(new Construct(stack, 'Broken')).addError('it cannot be');
    expect(failure().message).toBe('the stack cannot be synthesized:\n[stack/Broken] it cannot be');
  });

  it('hands out warnings and notes with the path they belong to', () => {
    const construct = new Construct(new Construct(stack, 'Outer'), 'Inner');
    Annotations.of(construct).addWarning('mind the gap');
    Annotations.of(construct).addInfo('fine otherwise');
    expect(synthStack(stack).annotations).toEqual([
      { path: 'stack/Outer/Inner', level: 'warning', message: 'mind the gap' },
      { path: 'stack/Outer/Inner', level: 'info', message: 'fine otherwise' },
    ]);
  });

  it('runs aspects, and validates what they add', () => {
    Aspects.of(stack).add({
      visit(node: IConstruct): void {
        if (node === stack) {
          new Construct(stack, 'Added').node.addValidation({ validate: () => ['added by an aspect'] });
        }
      },
    });
    expect(failure().message).toContain('added by an aspect');
  });

  it('resolves references between the stacks of an app', () => {
    const app = project.app();
    const [first, second] = ['first', 'second'].map((name) => project.stack(name, app));
    const data = new DataResource(first, 'Data');
    new DataResource(second, 'Copy', { input: { id: data.id } });
    expect(synthStack(first).json).toContain('"value": "${terraform_data.Data.id}"');
    expect(synthStack(second).json).toContain('${data.terraform_remote_state.');
  });

  it('returns the same result twice', () => {
    new TerraformVariable(stack, 'x', { type: 'string' });
    expect(synthStack(stack)).toEqual(synthStack(stack));
  });
});
