import { readFileSync } from 'node:fs';
import http from 'node:http';

import { chromium, type Browser, type Page } from 'playwright-core';

import { messageType } from '../../../lib/wire/proto/load';
import { startPeer, type Peer } from '../../client/peers';
import { startSampleService, type SampleService } from '../../client/sample-service';
import { imageRequest } from '../../server/support/grpc-client';
import { encodePredict, HEALTH_PATH, PREDICT_PATH } from '../../server/support/raw-client';
import { scrape } from '../../server/support/scrape';
import { afterwards } from '../../support/cleanup';
import { sampleImage } from '../../support/sample-service-definition';
import { findChromium } from './find-chromium';

/** Google's client, as the page loads it. */
const CLIENT = readFileSync(require.resolve('grpc-web/index.esm.js'));
const PAGE = `<!doctype html><title>Caller</title>
<script type="module">import * as client from './grpc-web.js'; globalThis.grpcWeb = client;</script>`;

/** What a call from a page brought. */
interface WebCall {
  /** Messages, base64. */
  readonly messages: readonly string[];
  readonly error?: { readonly code: number; readonly message: string } | undefined;
}

type Format = 'text' | 'binary';

let browser: Browser;
let ours: Peer;
let others: Peer;
let service: SampleService;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: await findChromium(() => undefined) });
  [ours, others] = await Promise.all([servePage(), servePage()]);
  service = await startSampleService({ healthPort: 0, allowedOrigins: [`http://${ours.address}`] });
}, 180_000);

afterAll(async () => {
  await browser.close();
  await Promise.all([ours.close(), others.close(), service.close()]);
});

function servePage(): Promise<Peer> {
  return startPeer(
    http.createServer((request, response) => {
      if (request.url === '/grpc-web.js') {
        response.setHeader('content-type', 'text/javascript').end(CLIENT);
      } else {
        response.setHeader('content-type', 'text/html').end(PAGE);
      }
    }),
  );
}

/** Opens the page of an origin. The browser does not know the authority of the service's certificate. */
async function open({ address }: Peer): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ ignoreHTTPSErrors: true });
  afterwards(() => page.close());
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  await page.goto(`http://${address}/`);
  return { page, complaints };
}

/** Lets a page call a method and, if it streams, take the first message. */
function call(
  page: Page,
  path: string,
  request: Uint8Array,
  { format, key }: { format: Format; key?: string },
): Promise<WebCall> {
  const metadata: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  return page.evaluate(
    ({ url, method, body, streams, headers, encoding }) => {
      const { GrpcWebClientBase, MethodDescriptor, MethodType } = (
        globalThis as unknown as { grpcWeb: typeof import('grpc-web') }
      ).grpcWeb;
      const bytes = Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
      const same = (message: Uint8Array) => message;
      const descriptor = new MethodDescriptor(
        method,
        streams ? MethodType.SERVER_STREAMING : MethodType.UNARY,
        Uint8Array,
        Uint8Array,
        same,
        same,
      );
      const client = new GrpcWebClientBase({ format: encoding });
      const base64 = (message: Uint8Array) =>
        btoa([...message].map((byte) => String.fromCharCode(byte)).join(''));
      if (!streams) {
        return client.unaryCall(url + method, bytes, headers, descriptor).then(
          (message) => ({ messages: [base64(message)] }),
          (error: unknown) => {
            const { code, message } = error as { code: number; message: string };
            return { messages: [], error: { code, message } };
          },
        );
      }
      const stream = client.serverStreaming(url + method, bytes, headers, descriptor);
      return new Promise<WebCall>((resolve) => {
        stream.on('data', (message) => {
          stream.cancel();
          resolve({ messages: [base64(message)] });
        });
        stream.on('error', ({ code, message }) => {
          resolve({ messages: [], error: { code, message } });
        });
      });
    },
    {
      url: `https://${service.address}`,
      method: path,
      body: Buffer.from(request).toString('base64'),
      streams: path.endsWith('/Watch'),
      headers: metadata,
      encoding: format,
    },
  );
}

/** The most probable class of an answer of Predict. */
function topClass({ messages: [message = ''] }: WebCall): number {
  const { outputs } = messageType<object, { outputs: Record<string, { floatVal: number[] }> }>(
    'tensorflow.serving.PredictResponse',
  ).deserialize(Buffer.from(message, 'base64'));
  const { floatVal } = outputs.output_alias;
  return floatVal.indexOf(Math.max(...floatVal));
}

async function callsOfPredict(): Promise<number> {
  const samples = await scrape(service.server.healthPort ?? 0);
  return [...samples]
    .filter(([name]) => name.startsWith('brainwave_requests_total') && name.includes('Predict'))
    .reduce((sum, [, value]) => sum + value, 0);
}

describe('a page in Chromium with Google’s gRPC-Web client', () => {
  const image = encodePredict(imageRequest(sampleImage('chelsea.png')));

  it.each<Format>(['text', 'binary'])('scores an image if its origin is allowed, in %s', async (format) => {
    const { page, complaints } = await open(ours);
    const answer = await call(page, PREDICT_PATH, image, { format, key: service.keys.primaryKey });
    expect(answer.error).toBeUndefined();
    expect(topClass(answer)).toBe(282);
    expect(complaints).toEqual([]);
  });

  it('reads the status and the message of an error', async () => {
    const { page } = await open(ours);
    expect(await call(page, PREDICT_PATH, image, { format: 'text', key: 'wrong' })).toEqual({
      messages: [],
      error: { code: 16, message: expect.stringContaining('the key is invalid') as string },
    });
  });

  it('receives a stream', async () => {
    const { page } = await open(ours);
    const watch = HEALTH_PATH.replace('Check', 'Watch');
    // SERVING
    expect(await call(page, watch, new Uint8Array(), { format: 'text' })).toEqual({
      messages: [Buffer.from([8, 1]).toString('base64')],
    });
  });

  it('of another origin does not reach the service: the browser refuses the call', async () => {
    const before = await callsOfPredict();
    const { page, complaints } = await open(others);
    const answer = await call(page, PREDICT_PATH, image, { format: 'text', key: service.keys.primaryKey });
    expect(answer.messages).toEqual([]);
    expect(answer.error).toBeDefined();
    expect(complaints.join('\n')).toMatch(/blocked by CORS policy/);
    expect(await callsOfPredict()).toBe(before);
  });
});
