import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import { imageFile, startSampleService, type SampleService } from '../../client/sample-service';

const run = promisify(execFile);
const TIGER_CAT = 282;

/** The environments of MLServer and Triton contain Triton's client. */
const [python = 'python3'] = Object.values(
  JSON.parse(process.env.INTEROP_MODEL_SERVERS ?? '{}') as Record<string, string>,
);

let service: SampleService;

beforeAll(async () => {
  service = await startSampleService({ tls: undefined, keys: undefined });
});

afterAll(() => service.close());

it("Triton's client over HTTP scores an image, with a binary tensor, and reads state and errors", async () => {
  const client = path.join(__dirname, 'triton_http_client.py');
  const { stdout } = await run(python, [
    client,
    service.address,
    'efficientnet-lite0',
    imageFile('chelsea.png'),
  ]);
  expect(JSON.parse(stdout)).toEqual({
    live: true,
    ready: true,
    model: true,
    class: TIGER_CAT,
    refused: expect.stringContaining('unknown model "another"') as string,
  });
});
