import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { readServiceDefinition } from '../../lib/service-definition';
import { afterwards } from '../support/cleanup';
import { runCommand } from '../support/cli';
import { temporaryFolder } from '../support/temporary-folder';
import { tinyModel } from '../support/tiny-model';

describe('cdktf-brainwave image-context', () => {
  let folder: string;
  beforeEach(async () => {
    const temporary = await temporaryFolder();
    folder = temporary.path;
    afterwards(() => temporary.remove());
    writeFileSync(path.join(folder, 'model.zip'), tinyModel());
  });

  const imageContext = (...args: string[]) =>
    runCommand(['image-context', '--model', 'model.zip', '--name', 'flowers', ...args], folder);
  const read = (file: string) => readFileSync(path.join(folder, file), 'utf8');

  it('writes a Dockerfile with the given model, and prints the build command', async () => {
    const { exitCode, stdout } = await imageContext('--model-version', '7', '--output', 'image');

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\d+ files in image; build the image with: docker build image\n$/);
    expect(read('image/Dockerfile')).toMatch(
      /^FROM mcr\.microsoft\.com\/azurelinux\/base\/nodejs:24@sha256:[0-9a-f]{64}$/m,
    );
    expect(JSON.parse(read('image/configuration.json'))).toMatchObject({
      model: { name: 'flowers', version: '7' },
    });
    const given = await readServiceDefinition(path.join(folder, 'model.zip'));
    expect(await readServiceDefinition(path.join(folder, 'image/model/service-definition.zip'))).toEqual(
      given,
    );
  });

  it('uses another base image on request', async () => {
    await imageContext('--base-image', 'registry.example.com/node:20', '--output', 'image');

    expect(read('image/Dockerfile')).toMatch(/^FROM registry\.example\.com\/node:20 AS packages$/m);
  });

  it('rejects a non-empty folder, whose content would be included in the image', async () => {
    const { exitCode, stderr } = await imageContext('--output', '.');

    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'error: . is not empty, and its content would become part of the image; pass a new folder\n',
    );
    expect(existsSync(path.join(folder, 'Dockerfile'))).toBe(false);
  });
});
