import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { createSelfSignedCertificate } from '../../../lib/tls';
import { imageFile } from '../../client/sample-service';
import { keys, serverForTest, startServer, type TestServer } from '../../server/support/test-server';
import { sampleServiceDefinition } from '../../support/sample-service-definition';
import { temporaryFolder } from '../../support/temporary-folder';
import { callWithAzureClient, callWithOvmsClient, type AzureCall } from './original-clients';

/** Interpreters of the prepared environments; run.ts says which it leaves out, and why. */
const { azure, ovmsclient } = JSON.parse(process.env.INTEROP_ORIGINALS ?? '{}') as {
  azure?: string;
  ovmsclient?: string;
};
const TIGER_CAT = 282;
const cat = imageFile('chelsea.png');
const ARRAY = [
  [1, -2, 3],
  [4, 5, 6],
];

function best(row: unknown): number {
  const probabilities = row as number[];
  return probabilities.indexOf(Math.max(...probabilities));
}

let images: TestServer;
let overTls: TestServer;
let roots: string;
let removeFolder: () => Promise<void>;

beforeAll(async () => {
  const folder = await temporaryFolder();
  removeFolder = () => folder.remove();
  // The clients cannot call by another name than the address.
  const tls = await createSelfSignedCertificate({ hostname: 'localhost', ipAddresses: ['127.0.0.1'] });
  roots = path.join(folder.path, 'roots.pem');
  await writeFile(roots, tls.certificate);
  const zip = sampleServiceDefinition()._toZip();
  images = await startServer({ zip });
  overTls = await startServer({ zip, tls, keys });
});

afterAll(async () => {
  await images.stop();
  await overTls.stop();
  await removeFolder();
});

(azure === undefined ? describe.skip : describe)("Azure ML's clients, unmodified", () => {
  const call = (client: AzureCall['client'], port: number, more: Partial<AzureCall> = {}): AzureCall => ({
    ...{ client, port, ssl: false, key: keys.primaryKey, image: cat },
    method: client === 'contrib' ? 'score_image' : 'score_file',
    ...more,
  });
  const withTls = (client: AzureCall['client'], more: Partial<AzureCall> = {}) =>
    call(client, overTls.port, { ssl: true, ...more });
  const scoreWith = (calls: readonly AzureCall[]) =>
    callWithAzureClient(azure ?? '', calls, { GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: roots });

  it.each(['contrib', 'accel'] as const)(
    '%s scores an image and batches of arrays in plaintext',
    async (client) => {
      const { port } = await serverForTest();
      const arrays = { ...call(client, port), image: undefined, array: ARRAY } as const;
      const method = client === 'contrib' ? 'score_numpy_array' : 'score_numpy_arrays';
      const [image, floats, doubles, bytes] = await scoreWith([
        call(client, images.port),
        { ...arrays, method },
        { ...arrays, method, dtype: 'float64' },
        { ...arrays, method, dtype: 'uint8', array: [[1, 2, 3]] },
      ]);
      expect(best(image.answer)).toBe(TIGER_CAT);
      expect(floats).toEqual({ answer: ARRAY });
      expect(doubles).toEqual({ answer: ARRAY });
      expect(bytes).toEqual({ answer: [[1, 2, 3]] });
    },
  );

  it('accel scores an image over TLS, with the key and the self-signed root', async () => {
    const [scored, refused] = await scoreWith([withTls('accel'), withTls('accel', { key: 'another-key' })]);
    expect(best(scored.answer)).toBe(TIGER_CAT);
    expect(refused).toMatchObject({ status: 'UNAUTHENTICATED' });
  });

  it('contrib, which never sends its key, scores an image over TLS with the one-line fix', async () => {
    const [scored] = await scoreWith([withTls('contrib', { fixed: true })]);
    expect(best(scored.answer)).toBe(TIGER_CAT);
  });

  it('contrib reports a refusal with the request IDs of its five tries, which the log has, too', async () => {
    const [refused] = await scoreWith([withTls('contrib')]);
    const ids = [...(refused.error ?? '').matchAll(/<([0-9A-F-]{36})>/g)].map(([, id]) => id.toLowerCase());
    expect(refused.error).toMatch(/^One or more attempts to predict on FPGA failed/);
    expect(ids).toHaveLength(5);
    expect(ids.map((id) => overTls.log.call(id)?.status)).toEqual(ids.map(() => 'UNAUTHENTICATED'));
  });

  it('contrib does not try again what is invalid', async () => {
    const { port, log } = await serverForTest();
    const [refused] = await scoreWith([
      { ...call('contrib', port), image: undefined, method: 'score_numpy_array', array: [[1, 2]] },
    ]);
    expect(refused.error).toMatch(/^One or more attempts/);
    expect(log.entries.filter(({ status }) => status === 'INVALID_ARGUMENT')).toHaveLength(1);
  });
});

(ovmsclient === undefined ? describe.skip : describe)('ovmsclient, which always asks for version 0', () => {
  it('reads status and metadata, and scores an image', async () => {
    const result = await callWithOvmsClient(ovmsclient ?? '', images.address, 'tiny', 'images', cat);
    expect(result).toMatchObject({
      status: { 1: { state: 'AVAILABLE', error_code: 0 } },
      metadata: { model_version: 1, inputs: { images: { dtype: 'DT_STRING', shape: [-1] } } },
    });
    expect(best(result.answer[0])).toBe(TIGER_CAT);
  });

  it('scores arrays', async () => {
    const { address } = await serverForTest();
    const result = await callWithOvmsClient(ovmsclient ?? '', address, 'tiny', 'x', JSON.stringify(ARRAY));
    expect(result.answer).toEqual(ARRAY);
  });
});
