import { Fn, TerraformOutput, TerraformVariable, Token } from 'cdktf';
import fc from 'fast-check';

import { jsonTemplate } from '../../../constructs/terraform/json-template';
import { Synthesized } from '../support/synthesized';
import { TestProject } from '../support/test-project';

describe('JSON in a string for Terraform', () => {
  it('is the JSON of what it is made of', () => {
    const value = { text: 'a "b" \\ c\n', number: 1.5, yes: true, none: null, list: [1, 'x', { y: [] }] };
    expect(JSON.parse(jsonTemplate(value))).toEqual(value);
  });

  it('omits what is undefined', () => {
    expect(jsonTemplate({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  it('contains nothing that Terraform interprets as a template, and loses nothing', () => {
    const sign = fc.constantFrom(
      '$',
      '%',
      '{',
      '}',
      '"',
      '\\',
      '\n',
      '${',
      '%{',
      '$${',
      '%%{',
      'ü',
      '-',
      'x',
    );
    const text = fc.oneof(
      fc.array(sign).map((signs) => signs.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.dictionary(text, fc.oneof(text, fc.array(text))), (value) => {
        const template = jsonTemplate(value);
        expect(template).not.toMatch(/[$%]\{/);
        expect(JSON.parse(template)).toEqual({ ...value });
      }),
    );
  });

  it('lets Terraform resolve tokens', () => {
    const project = new TestProject();
    try {
      const stack = project.stack();
      const text = new TerraformVariable(stack, 'text', { type: 'string' });
      const list = new TerraformVariable(stack, 'list', { type: 'list(string)' });
      const map = new TerraformVariable(stack, 'map', { type: 'map(string)' });
      const value = jsonTemplate({
        text: text.stringValue,
        number: text.numberValue,
        list: list.listValue,
        map: Token.asStringMap(map.fqn),
        any: text.value as unknown,
        items: ['"', Fn.upper(text.stringValue)],
        within: `"${text.stringValue}"`,
      });
      new TerraformOutput(stack, 'json', { value });
      expect(new Synthesized(stack).outputs.json.value).toBe(
        '{"text":${jsonencode(var.text)},"number":${jsonencode(var.text)},"list":${jsonencode(var.list)},' +
          '"map":${jsonencode(var.map)},"any":${jsonencode(var.text)},"items":["\\"",${jsonencode(upper(var.text))}],' +
          '"within":"\\"${trimsuffix(trimprefix(jsonencode(var.text), "\\""), "\\"")}\\""}',
      );
    } finally {
      project.leave();
    }
  });
});
