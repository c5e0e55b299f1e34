import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { PredictionClient, readServiceKey } from '../../lib/client';
import { temporaryFolder } from '../support/temporary-folder';
import { readImage, startSampleService } from './sample-service';

describe('readServiceKey', () => {
  let folder: string;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    ({ path: folder, remove } = await temporaryFolder());
  });

  afterEach(() => remove());

  async function keyFile(content: string): Promise<string> {
    const file = path.join(folder, 'keys');
    await writeFile(file, content, { mode: 0o600 });
    return file;
  }

  it.each([
    ['the key alone', 'dGhlIHByaW1hcnkga2V5\n'],
    [
      'both keys, as a local service has them',
      '{"primaryKey":"dGhlIHByaW1hcnkga2V5","secondaryKey":"other"}',
    ],
    ['a secondary key without a primary one', '{"secondaryKey":"dGhlIHByaW1hcnkga2V5"}'],
  ])('accepts a file with %s', async (_, content) => {
    await expect(readServiceKey(await keyFile(content))).resolves.toBe('dGhlIHByaW1hcnkga2V5');
  });

  it('rejects a file that others can read, with the remedy', async () => {
    const file = await keyFile('dGhlIHByaW1hcnkga2V5');
    await chmod(file, 0o644);

    await expect(readServiceKey(file)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(`run \`chmod 600 ${file}\``) as unknown,
    });
  });

  it.each([
    ['no key', 'top secret', 'contains no key'],
    ['JSON that is cut short', '{"primaryKey": "top-secret', 'starts like JSON but is not valid JSON'],
  ])('rejects a file with %s, without showing it', async (_, content, reason) => {
    const error = await readServiceKey(await keyFile(content)).catch((caught: unknown) => caught as Error);

    expect(error).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(reason) as unknown,
    });
    expect(String(error)).not.toContain('secret');
  });

  it('rejects a missing file', async () => {
    await expect(readServiceKey(path.join(folder, 'none'))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('cannot be read (ENOENT); check its path') as unknown,
    });
  });

  it('reads a key with which a client can call', async () => {
    const service = await startSampleService();
    const client = new PredictionClient({
      address: service.address,
      rootCertificates: service.certificate.certificate,
      key: await readServiceKey(await keyFile(JSON.stringify(service.keys))),
    });
    try {
      await expect(client.predictImage(await readImage('rocket.jpg'))).resolves.toHaveLength(1000);
    } finally {
      client.close();
      await service.close();
    }
  }, 60_000);
});
