import fc from 'fast-check';

import { SmokeTestError } from '../../lib/smoke-test';
import { findTargetInOutputs } from '../../lib/smoke-test/target-from-outputs';

const cats = { protocol: 'grpc', host: 'cats.example.com', port: 443, tls: true };
const dogs = { scoringUri: 'https://dogs.example.com/score' };

const ofTerraform = (values: object) =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        { sensitive: false, type: 'dynamic', value: value as unknown },
      ]),
    ),
  );
const ofCdktf = (values: object) => JSON.stringify({ scoring: { Name: 'a text', ...values } });

describe.each([
  ['terraform output -json', ofTerraform],
  ['cdktf output --outputs-file', ofCdktf],
])('what %s wrote', (_, write) => {
  const find = (values: object, name?: string) => findTargetInOutputs(write(values), 'outputs.json', name);

  it('holds the target', () => {
    expect(find({ Address: '203.0.113.7', Cats: cats })).toEqual(cats);
  });

  it('holds several targets, of which one is named', () => {
    expect(find({ Cats_1: cats, Dogs_2: dogs }, 'Dogs')).toEqual({
      protocol: 'http',
      host: 'dogs.example.com',
      port: 443,
      tls: true,
      path: '/score',
    });
    expect(find({ Cats: cats, Cats_2: dogs }, 'Cats')).toEqual(cats);
    expect(() => find({ Cats: cats, Dogs: dogs })).toThrow(
      'the outputs in outputs.json hold several targets (Cats, Dogs); name one with --output',
    );
    expect(() => find({ Cats: cats, Dogs: dogs }, 'Birds')).toThrow(
      'the outputs in outputs.json hold no target by the name "Birds"; there are Cats, Dogs',
    );
  });

  it('holds none, and it is said how to get one', () => {
    expect(() => find({ Address: '203.0.113.7' })).toThrow(
      'the outputs in outputs.json hold no smoke-test target; call addOutputs() of the web service or endpoint in the ' +
        'stack, deploy it, and write the outputs again',
    );
  });
});

describe('what is no outputs file', () => {
  it('is refused by a message, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(() => findTargetInOutputs(text, 'outputs.json')).toThrow(SmokeTestError);
      }),
    );
    expect(() => findTargetInOutputs('[1]', 'outputs.json')).toThrow(
      'the outputs outputs.json are no JSON object; expected what "terraform output -json" writes',
    );
  });
});
