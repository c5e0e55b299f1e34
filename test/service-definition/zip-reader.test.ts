import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import fc from 'fast-check';

import {
  readServiceDefinition,
  ServiceDefinitionError,
  writeServiceDefinition,
  type ZipLimits,
} from '../../lib/service-definition';
import { craftZip, type CraftedEntry } from './support/crafted-zip';

const definition = {
  aml_runtime_version: '1.0',
  pipeline: [
    { type: 'onnx', name: 'classifier', model_path: 'm/a.onnx', input_tensor: 'x', output_tensor: 'y' },
  ],
};
const definitionEntry: CraftedEntry = { name: 'service_def.json', content: JSON.stringify(definition) };
const modelEntry: CraftedEntry = { name: 'm/a.onnx', content: 'weights' };

async function refusal(zip: Uint8Array | string, limits?: ZipLimits): Promise<string> {
  const error: unknown = await readServiceDefinition(zip, limits).then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ServiceDefinitionError);
  expect((error as ServiceDefinitionError).code).toBe('SERVICE_DEFINITION_INVALID');
  return (error as Error).message;
}

function refusalOf(entries: readonly CraftedEntry[], limits?: ZipLimits): Promise<string> {
  return refusal(craftZip(entries), limits);
}

function withPipeline(pipeline: unknown): Promise<string> {
  const content = JSON.stringify({ aml_runtime_version: '1.0', pipeline });
  return refusalOf([{ name: 'service_def.json', content }]);
}

describe('reading a service definition', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'service-definition-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('accepts a file or bytes, stored or deflated', async () => {
    const zip = craftZip([definitionEntry, { ...modelEntry, deflate: true }]);
    const file = path.join(folder, 'definition.zip');
    writeFileSync(file, zip);
    for (const source of [zip, new Uint8Array(zip), file]) {
      const read = await readServiceDefinition(source);
      expect(read.definition).toEqual(definition);
      expect(Buffer.from(read.files.get('m/a.onnx') ?? []).toString()).toBe('weights');
      expect(read.labels).toBeUndefined();
    }
  });

  it('reads labels with any line ends, and leaves blank lines at the end out', async () => {
    const { labels } = await readServiceDefinition(
      craftZip([definitionEntry, modelEntry, { name: 'labels.txt', content: '\ufeffcat\r\n\r\ndög \n\n\n' }]),
    );
    expect(labels).toEqual(['cat', '', 'dög']);
  });

  it('reads labels of blanks alone as none, and quickly', async () => {
    const content = ' '.repeat(2_000_000);
    const { labels } = await readServiceDefinition(
      craftZip([definitionEntry, modelEntry, { name: 'labels.txt', content: `${content}x${content}` }]),
    );
    expect(labels).toEqual(['x']);
  });

  describe('rejects an invalid zip', () => {
    it.each([
      ['nothing', Buffer.alloc(0)],
      ['text', Buffer.from('this is a text file\n'.repeat(10))],
      ['a truncated zip', craftZip([definitionEntry, modelEntry]).subarray(0, -30)],
    ])('%s', async (_, bytes) => {
      expect(await refusal(bytes)).toMatch(
        /^the service definition is not a zip \(.+\); expected a file that ServiceDefinition or the Azure ML SDK wrote/,
      );
    });

    it('a missing file', async () => {
      const file = path.join(folder, 'none.zip');
      expect(await refusal(file)).toBe(`service definition ${file} does not exist`);
    });

    it('a folder', async () => {
      expect(await refusal(folder)).toBe(`cannot read the service definition ${folder} (EISDIR)`);
    });

    it('a file of more bytes than are accepted, before it is read', async () => {
      const file = path.join(folder, 'large.zip');
      writeFileSync(file, '');
      truncateSync(file, 3 * 1024 ** 3);
      expect(await refusal(file)).toBe(
        `the service definition ${file} has 3221225472 bytes; expected at most 2147483648`,
      );
    });
  });

  it.each([
    ['../escaped.txt', /invalid relative path: \.\.\/escaped\.txt/],
    ['m/../../escaped.txt', /invalid relative path: m\/\.\.\/\.\.\/escaped\.txt/],
    ['/etc/passwd', /absolute path: \/etc\/passwd/],
    ['C:/windows/system.ini', /absolute path: C:\/windows\/system\.ini/],
    ['m\\..\\escaped.txt', /invalid characters in fileName/],
  ])('rejects the entry name %s', async (name, reason) => {
    const message = await refusalOf([definitionEntry, modelEntry, { name }]);
    expect(message).toMatch(/^the zip is invalid: /);
    expect(message).toMatch(reason);
    expect(message).toMatch(/expected .* relative names with "\/"/);
  });

  it('rejects two entries with the same name', async () => {
    expect(await refusalOf([definitionEntry, modelEntry, modelEntry])).toBe(
      'the zip has two entries named m/a.onnx',
    );
  });

  it.each([
    ['stored', false],
    ['deflated', true],
  ])('rejects an entry that claims 10 GB (%s) before any of it is read', async (_, deflate) => {
    const claimedSize = 10 * 1024 ** 3;
    const before = process.memoryUsage().arrayBuffers;
    expect(
      await refusalOf([definitionEntry, { name: 'm/a.onnx', content: 'x'.repeat(99), claimedSize, deflate }]),
    ).toBe(
      "the zip's entry m/a.onnx has 10737418240 bytes; " +
        'expected at most 1073741824 bytes per entry and 2147483648 in total',
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 ** 2);
  });

  it('rejects an entry that claims more than its bytes can inflate to', async () => {
    const message = await refusalOf([
      definitionEntry,
      { name: 'm/a.onnx', content: 'weights', deflate: true, claimedSize: 1024 ** 3 },
    ]);
    expect(message).toMatch(
      /^the zip's entry m\/a\.onnx declares 1073741824 bytes in \d+ compressed bytes, which is impossible/,
    );
  });

  it('accepts what compresses as well as anything can', async () => {
    const { files } = await readServiceDefinition(
      craftZip([definitionEntry, { name: 'm/a.onnx', content: Buffer.alloc(20 * 1024 ** 2), deflate: true }]),
    );
    expect(files.get('m/a.onnx')).toHaveLength(20 * 1024 ** 2);
  });

  it('rejects an entry that inflates beyond its claim', async () => {
    expect(
      await refusalOf([
        definitionEntry,
        { name: 'm/a.onnx', content: Buffer.alloc(1_000_000), deflate: true, claimedSize: 1000 },
      ]),
    ).toMatch(/^the zip is invalid: .*too many bytes.*expected 1000/i);
  });

  it('rejects an entry that inflates to less than its claim', async () => {
    expect(
      await refusalOf([
        definitionEntry,
        { name: 'm/a.onnx', content: 'weights', deflate: true, claimedSize: 1000 },
      ]),
    ).toMatch(/^the zip is invalid: .*not enough bytes.*expected 1000/i);
  });

  it('rejects an entry with a wrong checksum', async () => {
    expect(
      await refusalOf([definitionEntry, { name: 'm/a.onnx', content: 'weights', claimedChecksum: 1 }]),
    ).toBe("the zip's entry m/a.onnx is damaged (checksum mismatch); copy the zip again");
  });

  it('rejects more entries than are accepted', async () => {
    const many = Array.from({ length: 1001 }, (_, index) => ({ name: `files/${index}` }));
    expect(await refusalOf(many)).toBe('the zip has 1001 entries; expected at most 1000');
  });

  it('rejects entries that are too large together', async () => {
    const large = ['a', 'b', 'c'].map((name) => ({ name, content: Buffer.alloc(1000) }));
    const limits = { maxEntryBytes: 1000, maxTotalBytes: 2999 };
    expect(await refusalOf(large, limits)).toMatch(
      /^the service definition|^the zip's entry c has 1000 bytes/,
    );
    expect(await refusalOf(large, limits)).toContain('at most 1000 bytes per entry and 2999 in total');
  });

  it('rejects an encrypted entry', async () => {
    expect(await refusalOf([definitionEntry, { ...modelEntry, encrypted: true }])).toBe(
      "the zip's entry m/a.onnx is encrypted; write the zip without a password",
    );
  });

  it('rejects a zip without service_def.json', async () => {
    expect(await refusalOf([modelEntry])).toBe(
      'the zip contains no service_def.json; check that it is a service definition',
    );
  });

  it('rejects a service_def.json that is not JSON', async () => {
    expect(await refusalOf([{ name: 'service_def.json', content: '{"pipeline": [' }])).toMatch(
      /^service_def\.json is not JSON: .+/,
    );
  });

  it('rejects a service_def.json and labels that are too large to be that', async () => {
    const definitionBytes = Buffer.alloc(1024 ** 2 + 1, ' ');
    expect(await refusalOf([{ name: 'service_def.json', content: definitionBytes }])).toBe(
      'service_def.json has 1048577 bytes; expected at most 1048576',
    );
    const labels = Buffer.alloc(16 * 1024 ** 2 + 1, 'x');
    expect(await refusalOf([definitionEntry, modelEntry, { name: 'labels.txt', content: labels }])).toBe(
      'labels.txt has 16777217 bytes; expected at most 16777216',
    );
  });

  describe('names the stage and the field that are wrong', () => {
    const [stage] = definition.pipeline;
    const image = {
      type: 'image',
      name: 'decode',
      resize: 256,
      crop: 224,
      channels: 3,
      method: 'bilinear',
      mean: [0, 0, 0],
      scale: 1,
    };
    const brainwave = { type: 'brainwave', name: 'b', model_ref: 'resnet50', model_version: '1' };

    it.each([
      ['a field that is missing', { ...stage, model_path: undefined }, 'stage "classifier": model_path: '],
      ['a field of another type', { ...stage, input_tensor: 5 }, 'stage "classifier": input_tensor: '],
      [
        'a field that is unknown',
        { ...stage, surprise: 1 },
        'stage "classifier": unrecognized key: "surprise"',
      ],
      ['a stage without a name', { ...stage, name: undefined }, 'stage 1: name: '],
      ['a name that is too long', { ...stage, name: 'n'.repeat(129) }, 'name: too big'],
      ['a stage that is no object', null, 'stage 1: '],
      [
        'a type that is unknown',
        { ...stage, type: 'pytorch' },
        'stage "classifier": type: expected one of image, tensorflow, keras, onnx, brainwave',
      ],
      [
        'a crop beyond the image',
        { ...image, crop: 300 },
        'stage "decode": crop: expected at most the value of resize',
      ],
      [
        'a mean of too few numbers',
        { ...image, mean: [1, 2] },
        'stage "decode": mean: expected one number per channel, or a single one',
      ],
      ['too few dimensions', { ...brainwave, output_tensor_dims: [1] }, 'stage "b": output_tensor_dims: '],
      [
        'software of another type',
        { ...brainwave, output_tensor_dims: [1, 2], software: { ...stage, type: 'keras' } },
        'stage "b": software.type: ',
      ],
    ])('%s', async (_, broken, expected) => {
      const message = await withPipeline([broken]);
      expect(message).toContain('service_def.json does not describe a pipeline that this version supports: ');
      expect(message).toContain(expected);
    });

    it('no pipeline, an empty one, or one of too many stages', async () => {
      expect(await withPipeline(undefined)).toContain('pipeline: invalid input: expected array');
      expect(await withPipeline([])).toContain('pipeline: too small');
      expect(await withPipeline(Array(33).fill(image))).toContain('pipeline: too big');
    });

    it('no more than some of them, however many there are', async () => {
      const message = await withPipeline(
        Array.from({ length: 32 }, () => ({ type: 'x'.repeat(9000), name: 'n'.repeat(9000) })),
      );
      expect(message).toContain('; and 27 more');
      expect(message.length).toBeLessThan(2000);
    });
  });

  it("rejects a zip without a stage's file, and lists its files", async () => {
    expect(await refusalOf([definitionEntry, { name: 'm/b.onnx' }, { name: 'a.onnx' }])).toBe(
      'stage "classifier" references the file m/a.onnx, which is not in the zip; the zip contains a.onnx, m/b.onnx',
    );
    expect(await refusalOf([definitionEntry])).toMatch(/the zip contains none$/);
  });

  it('answers any bytes with a content or a ServiceDefinitionError', async () => {
    const zip = writeServiceDefinition({
      definition: { aml_runtime_version: '1.0', pipeline: definition.pipeline as never },
      files: new Map([['m/a.onnx', Buffer.from('weights')]]),
      labels: ['a'],
    });
    const change = fc.record({ at: fc.nat(zip.length - 1), value: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const changed = Uint8Array.from(zip);
        for (const { at, value } of changes) {
          changed[at] = value;
        }
        const result: unknown = await readServiceDefinition(changed).catch((error: unknown) => error);
        expect(result instanceof ServiceDefinitionError || !(result instanceof Error)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
