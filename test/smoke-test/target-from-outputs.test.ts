import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';

import fc from 'fast-check';

import { SmokeTestError } from '../../lib/smoke-test';
import { findTargetInOutputs, readTargetFromOutputs } from '../../lib/smoke-test/target-from-outputs';
import { afterwards } from '../support/cleanup';
import { temporaryFolder } from '../support/temporary-folder';

const cats = { protocol: 'grpc', host: 'cats.example.com', port: 443 };
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
      plaintext: false,
      path: '/score',
    });
    expect(find({ Cats: cats, Cats_2: dogs }, 'Cats')).toEqual(cats);
    expect(() => find({ Cats: cats, Dogs: dogs })).toThrow(
      'the outputs in outputs.json contain several targets (Cats, Dogs); select one with --output',
    );
    expect(() => find({ Cats: cats, Dogs: dogs }, 'Birds')).toThrow(
      'the outputs in outputs.json contain no target named "Birds"; use one of Cats, Dogs',
    );
  });

  it('holds none, and it is said how to get one', () => {
    expect(() => find({ Address: '203.0.113.7' })).toThrow(
      'the outputs in outputs.json contain no smoke test target; call addOutputs() of the web service or endpoint in the ' +
        'stack, deploy it, and write the outputs again',
    );
  });
});

describe('what is no outputs file', () => {
  it('is rejected by a message, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(() => findTargetInOutputs(text, 'outputs.json')).toThrow(SmokeTestError);
      }),
    );
    expect(() => findTargetInOutputs('[1]', 'outputs.json')).toThrow(
      'the outputs outputs.json are not a JSON object; expected the output of "terraform output -json"',
    );
  });
});

describe('an outputs file', () => {
  const SECRET = 'the-key-of-this-test';
  const sensitive = (value: unknown) => ({ sensitive: true, type: 'string', value });
  const target = { sensitive: false, type: 'dynamic', value: cats };

  async function write(outputs: object, mode: number): Promise<string> {
    const { path: folder, remove } = await temporaryFolder();
    afterwards(remove);
    const file = path.join(folder, 'outputs.json');
    await writeFile(file, JSON.stringify(outputs));
    await chmod(file, mode);
    return file;
  }

  it.each([
    [0o644, '0644'],
    [0o660, '0660'],
    [0o604, '0604'],
  ])('is rejected if others may read a sensitive output in it (mode %o)', async (mode, shown) => {
    const file = await write({ Cats: target, primary_key: sensitive(SECRET) }, mode);
    const message = await readTargetFromOutputs(file).catch((error: unknown) => (error as Error).message);
    expect(message).toBe(
      `the outputs file ${file} is accessible to users other than its owner (mode ${shown}); ` +
        `run \`chmod 600 ${file}\`, and replace the secret if other people use this machine. ` +
        'It contains sensitive outputs, whose values ' +
        '`terraform output -json` writes; pipe them instead: ' +
        'terraform output -json | npx cdktf-brainwave smoke-test … --outputs -',
    );
    expect(message).not.toContain(SECRET);
  });

  it('is read where it is its owner’s alone', async () => {
    const file = await write({ Cats: target, primary_key: sensitive(SECRET) }, 0o600);
    await expect(readTargetFromOutputs(file)).resolves.toEqual(cats);
  });

  it.each([
    ['nothing sensitive', {}],
    ['sensitive outputs without a value', { a: sensitive(''), b: sensitive(null) }],
  ])('may be open where it holds %s', async (_, others) => {
    const file = await write({ Cats: target, ...others }, 0o644);
    await expect(readTargetFromOutputs(file)).resolves.toEqual(cats);
  });
});
