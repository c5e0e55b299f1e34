import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import sharp from 'sharp';

import { createSelfSignedCertificate } from '../../../lib/tls';
import { imageFile, startSampleService, type SampleService } from '../../client/sample-service';
import { temporaryFolder } from '../../support/temporary-folder';

const run = promisify(execFile);
const TIGER_CAT = 282;
const MODEL = 'efficientnet-lite0';

let service: SampleService;
let folder: string;
let removeFolder: () => Promise<void>;

beforeAll(async () => {
  ({ path: folder, remove: removeFolder } = await temporaryFolder());
  const tls = await createSelfSignedCertificate({
    hostname: 'scoring.localhost',
    ipAddresses: ['127.0.0.1'],
  });
  service = await startSampleService({ tls });
  await writeFile(path.join(folder, 'roots.pem'), tls.certificate);
  await sharp(imageFile('chelsea.png'))
    .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
    .toFile(path.join(folder, 'cat.jpg'));
});

afterAll(async () => {
  await service.close();
  await removeFolder();
});

/** Runs commands in a shell, as a reader does, and returns each line of JSON that they print. */
async function shell(commands: string): Promise<unknown[]> {
  const { stdout } = await run(
    'bash',
    ['-euo', 'pipefail', '-c', commands.replaceAll(':50051', `:${service.server.port}`)],
    {
      cwd: folder,
      env: { ...process.env, SCORING_KEY: service.keys.primaryKey },
      maxBuffer: 2 ** 24,
    },
  );
  return stdout
    .replaceAll('}{', '}\n{')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

it('the commands of the documentation post an image as it is and in a row, and describe the model', async () => {
  const page = readFileSync(path.resolve(__dirname, '../../../docs/clients.md'), 'utf8');
  const blocks = [...page.matchAll(/^```sh\n([^]*?)^```/gm)].map(([, block = '']) => block);
  const commands = blocks.find((block) => block.includes('/v2/models/')) ?? '';
  const [score, predict, metadata] = await shell(commands.replaceAll('curl ', 'curl -sS '));
  expect(score).toMatchObject({ predictions: [{ label: 'tiger cat', class: TIGER_CAT }, {}, {}, {}, {}] });
  const [row] = (predict as { predictions: number[][] }).predictions;
  expect(row.indexOf(Math.max(...row))).toBe(TIGER_CAT);
  expect(metadata).toMatchObject({ name: MODEL, inputs: [{ name: 'images', datatype: 'BYTES' }] });
});

it("TensorFlow Serving's documented calls report the state and the signature of the model", async () => {
  const curl = 'curl -sS --cacert roots.pem -H "authorization: Bearer $SCORING_KEY"';
  const [state, metadata] = await shell(
    `${curl} https://scoring.localhost:50051/v1/models/${MODEL} | tr -d '\\n '; echo
     ${curl} https://scoring.localhost:50051/v1/models/${MODEL}/metadata | tr -d '\\n '; echo`,
  );
  expect(state).toMatchObject({ model_version_status: [{ version: '1', state: 'AVAILABLE' }] });
  expect(metadata).toMatchObject({ model_spec: { name: MODEL }, metadata: { signature_def: {} } });
});

it('a call without the key is refused with 401 and a JSON body', async () => {
  const [refused] = await shell(
    `curl -sS --cacert roots.pem -d '{"instances":[]}' https://scoring.localhost:50051/v1/models/${MODEL}:predict`,
  );
  expect(refused).toEqual({ error: expect.stringContaining('the call has no key') as string });
});
