import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { ModelRegistry, type RegisteredModelVersion } from '../../lib/local/model-registry';
import { afterwards } from '../support/cleanup';
import { temporaryFolder } from '../support/temporary-folder';
import { tinyModel } from '../support/tiny-model';

const first = tinyModel();
const second = tinyModel({ operation: 'Neg' });

let folder: string;
let registry: ModelRegistry;

beforeEach(async () => {
  const temporary = await temporaryFolder();
  afterwards(temporary.remove);
  folder = path.join(temporary.path, 'models');
  registry = new ModelRegistry(folder);
});

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

async function zipFile(content: Uint8Array): Promise<string> {
  const file = path.join(path.dirname(folder), `${sha256(content)}.zip`);
  await writeFile(file, content);
  return file;
}

function version(
  content: Uint8Array,
  overrides: Partial<RegisteredModelVersion> = {},
): RegisteredModelVersion {
  return { name: 'tiny', version: '1', sha256: sha256(content), tags: { team: 'vision' }, ...overrides };
}

describe('a model version', () => {
  it('is kept with its content and tags, and found again', async () => {
    const registered = await registry.register(version(first), await zipFile(first));
    expect(registered).toEqual({
      ...version(first),
      path: path.join(folder, 'tiny/1/service-definition.zip'),
    });
    expect(await readFile(registered.path)).toEqual(Buffer.from(first));
    expect(await registry.require('tiny', '1')).toEqual(registered);
    expect(await registry.versions('tiny')).toEqual(['1']);
  });

  it('may be registered again with the same content, even when the zip that it came from has gone', async () => {
    const file = await zipFile(first);
    const registered = await registry.register(version(first), file);
    await rm(file);
    expect(await registry.register(version(first), file)).toEqual(registered);
  });

  it('is never overwritten with other content', async () => {
    await registry.register(version(first), await zipFile(first));
    await expect(registry.register(version(second), await zipFile(second))).rejects.toMatchObject({
      code: 'MODEL_VERSION_CONFLICT',
      message:
        `model "tiny" version 1 is already registered with different content (SHA-256 ${sha256(first).slice(0, 12)}…, ` +
        `now ${sha256(second).slice(0, 12)}…); set a new version or omit the version`,
    });
    expect((await registry.require('tiny', '1')).sha256).toBe(sha256(first));
  });

  it('is registered once by many at the same time', async () => {
    const file = await zipFile(first);
    const registered = await Promise.all(
      Array.from({ length: 8 }, () => registry.register(version(first), file)),
    );
    expect(new Set(registered.map((one) => one.path)).size).toBe(1);
    expect(await readdir(path.join(folder, 'tiny'))).toEqual(['1']);
  });

  it('goes to one of two who register other content at the same time, and the other is told', async () => {
    const results = await Promise.allSettled([
      registry.register(version(first), await zipFile(first)),
      registry.register(version(second), await zipFile(second)),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'MODEL_VERSION_CONFLICT' },
    });
    expect(await readdir(path.join(folder, 'tiny'))).toEqual(['1']);
  });

  it('is not registered if the zip has another hash', async () => {
    await expect(registry.register(version(first), await zipFile(second))).rejects.toMatchObject({
      code: 'MODEL_CORRUPT',
      message:
        `the service definition of model "tiny" has SHA-256 ${sha256(second)}, expected ${sha256(first)}; ` +
        'synthesize the stack again',
    });
    expect(await readdir(path.join(folder, 'tiny'))).toEqual([]);
  });

  it('is not registered if the zip is missing', async () => {
    await expect(registry.register(version(first), '/nowhere/model.zip')).rejects.toMatchObject({
      code: 'FILE_MISSING',
      message:
        'the service definition of model "tiny" does not exist at /nowhere/model.zip; synthesize the stack again',
    });
  });

  it('is not registered if the zip is not a service definition', async () => {
    const zip = Buffer.from('hello');
    await expect(registry.register(version(zip), await zipFile(zip))).rejects.toThrow(
      /^the service definition is not a zip/,
    );
    expect(await registry.find('tiny', '1')).toBeUndefined();
  });

  it('that is not registered is reported with the registered versions', async () => {
    await expect(registry.require('tiny', '1')).rejects.toMatchObject({
      code: 'MODEL_NOT_REGISTERED',
      message: `model "tiny" version 1 is not registered in ${folder}; it has no versions`,
    });
    await registry.register(version(first, { version: '2024-06' }), await zipFile(first));
    await registry.register(version(first, { version: '2' }), await zipFile(first));
    await expect(registry.require('tiny', '1')).rejects.toThrow('registered versions: 2, 2024-06');
  });

  it.each(['no JSON', '{"name":"tiny"}'])('whose metadata is damaged is not served: %s', async (metadata) => {
    const { path: zip } = await registry.register(version(first), await zipFile(first));
    await writeFile(path.join(path.dirname(zip), 'model.json'), metadata);
    await expect(registry.require('tiny', '1')).rejects.toMatchObject({
      code: 'MODEL_CORRUPT',
      message:
        'the registry entry of model "tiny" version 1 is damaged; ' +
        `remove ${path.join(folder, 'tiny/1')} and apply the stack again`,
    });
  });

  it.each([
    ['changed', (zip: string) => writeFile(zip, second)],
    ['removed', (zip: string) => rm(zip)],
  ])('whose zip was %s does not pass for the one that was registered', async (_, damage) => {
    const { path: zip } = await registry.register(version(first), await zipFile(first));
    await damage(zip);
    await expect(registry.register(version(first), await zipFile(first))).rejects.toMatchObject({
      code: 'MODEL_CORRUPT',
      message: expect.stringMatching(/remove .*tiny\/1 and apply the stack again$/) as string,
    });
  });
});

describe('a name', () => {
  it.each(['', '..', '../x', 'a/b', '.hidden', 'a b', 'ä', 'x'.repeat(256)])(
    'that could leave the registry or be hidden in it is rejected: "%s"',
    async (name) => {
      const message = `model name is "${name}"; expected 1 to 255 letters, digits, ".", "_" and "-", starting with a letter or digit`;
      await expect(registry.register(version(first, { name }), await zipFile(first))).rejects.toThrow(
        message,
      );
      await expect(registry.remove(name)).rejects.toThrow(message);
      await expect(registry.find('tiny', name)).rejects.toThrow(/^model version/);
    },
  );
});

it('a model is removed with all its versions, and nothing else is', async () => {
  await registry.register(version(first), await zipFile(first));
  await registry.register(version(first, { version: '2' }), await zipFile(first));
  await registry.register(version(first, { name: 'other' }), await zipFile(first));
  await registry.remove('tiny');
  await registry.remove('tiny');
  expect(await readdir(folder)).toEqual(['other']);
});

it('files that are no versions are not taken for some', async () => {
  await mkdir(path.join(folder, 'tiny/.being-written'), { recursive: true });
  expect(await registry.versions('tiny')).toEqual([]);
});
