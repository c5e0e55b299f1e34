import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { tensorFromProto } from '../../../lib/wire/tensor-proto';
import { imageFile, startSampleService, type SampleService } from '../../client/sample-service';
import { temporaryFolder } from '../../support/temporary-folder';
import { builds, type Client } from './toolchain';

const run = promisify(execFile);
const TIGER_CAT = 282;

let service: SampleService;
let folder: string;
let removeFolder: () => Promise<void>;

beforeAll(async () => {
  ({ path: folder, remove: removeFolder } = await temporaryFolder());
  service = await startSampleService();
  await writeFile(path.join(folder, 'roots.pem'), service.certificate.certificate);
});

afterAll(async () => {
  await service.close();
  await removeFolder();
});

/** The most probable class that a client found in the sample's cat. */
async function score({ file, args, env }: Client, key: string | undefined): Promise<number> {
  const { stdout } = await run(
    file,
    [...args, service.address, 'scoring.localhost', path.join(folder, 'roots.pem'), imageFile('chelsea.png')],
    { env: { ...process.env, ...env, SCORING_KEY: key ?? '' }, maxBuffer: 2 ** 24 },
  );
  return file.endsWith('score.sh') ? bestOfJson(stdout) : Number(/^class (\d+) with/.exec(stdout)?.[1]);
}

function bestOfJson(text: string): number {
  const { outputs } = JSON.parse(text) as { outputs: { output_alias: { tensorContent: string } } };
  const { data } = tensorFromProto({
    dtype: 'DT_FLOAT',
    tensorShape: {
      dim: [
        { size: 1, name: '' },
        { size: 1000, name: '' },
      ],
      unknownRank: false,
    },
    tensorContent: Buffer.from(outputs.output_alias.tensorContent, 'base64'),
  } as unknown as Parameters<typeof tensorFromProto>[0]);
  return data.indexOf(Math.max(...data));
}

describe.each(Object.entries(builds))("the examples' client in %s", (_, build) => {
  let client: Client;

  beforeAll(async () => {
    client = await build();
  });

  it('scores an image over TLS, with a self-signed root and the key', async () => {
    expect(await score(client, service.keys.primaryKey)).toBe(TIGER_CAT);
  });

  it('is refused without the key, and says so', async () => {
    await expect(score(client, undefined)).rejects.toMatchObject({
      stderr: expect.stringMatching(/unauthenticated/i) as string,
    });
  });
});
