import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { createSelfSignedCertificate } from '../../../lib/tls';
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
  // The certificate of a local service: clients trust it as a root.
  const tls = await createSelfSignedCertificate({
    hostname: 'scoring.localhost',
    ipAddresses: ['127.0.0.1'],
  });
  service = await startSampleService({ tls });
  await writeFile(path.join(folder, 'roots.pem'), tls.certificate);
});

afterAll(async () => {
  await service.close();
  await removeFolder();
});

/** The most probable class that a client found in the sample's cat. */
async function score(
  { file, args, env }: Client,
  key: string | undefined,
  roots = path.join(folder, 'roots.pem'),
): Promise<number> {
  const { stdout } = await run(
    file,
    [...args, service.address, 'scoring.localhost', roots, imageFile('chelsea.png')],
    { env: { ...process.env, ...env, SCORING_KEY: key ?? '' }, maxBuffer: 2 ** 24 },
  );
  return file.endsWith('score.sh') ? bestOfJson(stdout) : Number(/^class (\d+) with/.exec(stdout)?.[1]);
}

function bestOfJson(text: string): number {
  const { outputs } = JSON.parse(text) as { outputs: { output_alias: { floatVal: number[] } } };
  const { floatVal } = outputs.output_alias;
  return floatVal.indexOf(Math.max(...floatVal));
}

describe.each(Object.entries(builds))("the examples' client in %s", (language, build) => {
  let client: Client;

  beforeAll(async () => {
    client = await build();
  });

  it('scores an image over TLS, with a self-signed root and the key', async () => {
    expect(await score(client, service.keys.primaryKey)).toBe(TIGER_CAT);
  });

  if (language !== 'grpcurl') {
    it('finds the self-signed root in the file that the environment names', async () => {
      const GRPC_DEFAULT_SSL_ROOTS_FILE_PATH = path.join(folder, 'roots.pem');
      const trusting = { ...client, env: { ...client.env, GRPC_DEFAULT_SSL_ROOTS_FILE_PATH } };
      expect(await score(trusting, service.keys.primaryKey, '')).toBe(TIGER_CAT);
    });
  }

  it('is rejected without the key, and reports it', async () => {
    await expect(score(client, undefined)).rejects.toMatchObject({
      stderr: expect.stringMatching(/unauthenticated/i) as string,
    });
  });
});
