import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import { request } from 'node:https';
import path from 'node:path';

import { ScoringFront, type ScoringFrontSettings } from '../../lib/entry-script/scoring-front';
import { silentLog } from '../../lib/server';
import { parseSamples, type Samples } from '../server/support/scrape';
import { issueCertificate, type IssuedCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';

const HOSTNAME = 'scoring.localhost';
const keys = { primaryKey: 'the-primary-key', secondaryKey: 'the-secondary-key' };

let issued: IssuedCertificate;

beforeAll(async () => {
  issued = await issueCertificate({ names: [HOSTNAME] });
});

interface Answer {
  readonly status: number | string;
  readonly text: string;
  readonly challenge: string | undefined;
}

/** @returns the status, or the error's code */
function call(
  port: number,
  authorization: string | undefined,
  body = '',
  contentType = 'application/json',
): Promise<Answer> {
  return new Promise((resolve) => {
    const headers = {
      'content-type': contentType,
      ...(authorization !== undefined && { authorization }),
    };
    const target = { host: '127.0.0.1', port, path: '/score', method: 'POST', headers };
    request({ ...target, servername: HOSTNAME, ca: issued.certificate, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          text,
          challenge: response.headers['www-authenticate'],
        });
      });
    })
      .once('error', (error: NodeJS.ErrnoException) => {
        resolve({ status: error.code ?? error.message, text: '', challenge: undefined });
      })
      .end(body);
  });
}

async function startFront(settings: Partial<ScoringFrontSettings> = {}): Promise<ScoringFront> {
  const usual = { socketPath: '/nowhere/inference.sock', maxRequestBytes: 1000, tls: issued, keys };
  const front = await ScoringFront.listen('127.0.0.1', 0, { ...usual, ...settings }, silentLog);
  afterwards(() => front.stop());
  return front;
}

async function listen(failedAttempts?: { burst: number; perSecond: number }): Promise<number> {
  return (await startFront({ failedAttempts })).port;
}

/** A stand-in for the inference server, whose script answers with the status in the request's body. */
async function startScript(): Promise<string> {
  const { path: folder, remove } = await temporaryFolder();
  afterwards(remove);
  const server = createServer((received, response) => {
    received.once('data', (body: Buffer) => response.writeHead(Number(body.toString())).end('{}'));
  });
  const socketPath = path.join(folder, 'socket');
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  afterwards(() => server.close());
  return socketPath;
}

async function samplesOf({ metrics }: ScoringFront): Promise<Samples> {
  return parseSamples((await metrics.expose()).body);
}

describe('callers without a right key', () => {
  it('are hung up on after some attempts, and the right key is let through all the while', async () => {
    const port = await listen({ burst: 2, perSecond: 0.01 });
    const status = async (key: string) => (await call(port, `Bearer ${key}`)).status;

    expect([await status('a'), await status('b')]).toEqual([401, 401]);
    expect(await status('c')).toBe('ECONNRESET');
    // It is admitted; behind this front there is no inference server.
    expect(await status(keys.primaryKey)).toBe(502);
    expect(await status(keys.secondaryKey)).toBe(502);
  });

  it.each([
    ['no key', undefined, 'the call has no key'],
    ['an empty key', 'Bearer ', 'the call has no key'],
    // Azure takes none, either.
    ['a bare key', keys.primaryKey, 'the call has no key'],
    ['a wrong key', 'Bearer another', 'the key is invalid'],
  ])('with %s are told what is wrong and how keys are sent', async (_, authorization, message) => {
    const port = await listen();
    const { status, text, challenge } = await call(port, authorization);
    expect({ status, challenge }).toEqual({ status: 401, challenge: 'Bearer' });
    expect((JSON.parse(text) as { message: string }).message).toMatch(new RegExp(`^${message}`));
  });
});

describe('the metrics', () => {
  const authorization = `Bearer ${keys.primaryKey}`;
  const counted = (samples: Samples): Record<string, number> =>
    Object.fromEntries(
      [...samples]
        .filter(([name]) => name.startsWith('brainwave_requests_total'))
        .map(([name, value]): [string, number] => [/code="(\w+)"/.exec(name)?.[1] ?? '', value]),
    );

  it.each([
    [200, 'OK'],
    [400, 'INVALID_ARGUMENT'],
    [404, 'NOT_FOUND'],
    [422, 'INVALID_ARGUMENT'],
    [429, 'RESOURCE_EXHAUSTED'],
    [500, 'INTERNAL'],
    [507, 'INTERNAL'],
  ])('count a response %d of the script as %s, with its duration', async (status, code) => {
    const front = await startFront({ socketPath: await startScript() });
    expect(await call(front.port, authorization, String(status))).toMatchObject({ status });
    await until(async () => (await samplesOf(front)).get('brainwave_calls_in_flight') === 0);
    const samples = await samplesOf(front);
    expect(counted(samples)).toEqual({ [code]: 1 });
    expect(samples.get('brainwave_request_duration_seconds_count{method="score"}')).toBe(1);
    expect(samples.get('brainwave_calls_in_flight')).toBe(0);
  });

  it('count keys that are refused, and an inference server that does not answer', async () => {
    const front = await startFront();
    await call(front.port, undefined);
    await call(front.port, authorization);
    await until(async () => (await samplesOf(front)).get('brainwave_calls_in_flight') === 0);
    const samples = await samplesOf(front);
    expect(counted(samples)).toEqual({ UNAUTHENTICATED: 1, UNAVAILABLE: 1 });
    expect(samples.get('brainwave_refused_keys_total')).toBe(1);
  });

  it('show when the certificate expires', async () => {
    const samples = await samplesOf(await startFront());
    expect(samples.get('brainwave_certificate_expiry_timestamp_seconds')).toBe(
      Date.parse(new X509Certificate(issued.certificate).validTo) / 1000,
    );
  });
});

describe('a body that a client wrote with str() of numpy values', () => {
  const authorization = `Bearer ${keys.primaryKey}`;

  it.each([
    ['{"data": [[np.float64(0.5), np.float64(1.0)]]}', 'np.float64'],
    ['{"data": [numpy.int64(3)]}', 'numpy.int64'],
    ['{"data": array([1, 2])}', 'array'],
  ])('is rejected with the reason and the remedy: %s', async (body, type) => {
    const { status, text } = await call(await listen(), authorization, body);
    expect(status).toBe(400);
    expect((JSON.parse(text) as { message: string }).message).toBe(
      `the body is not JSON: it contains a numpy value, ${type}(…); convert arrays with tolist() and write the ` +
        'body with json.dumps',
    );
  });

  it.each([
    ['JSON with such a text', '{"note": "np.float64(0.5)"}', 'application/json'],
    ['other invalid JSON, which is the script’s to refuse', '{"data": [f(1)]}', 'application/json'],
    ['NaN, which Python reads', '{"data": [NaN]}', 'application/json'],
    ['another type of content', 'np.float64(0.5)', 'application/octet-stream'],
  ])('is not taken for one: %s', async (_, body, type) => {
    // Behind this front there is no inference server.
    expect((await call(await listen(), authorization, body, type)).status).toBe(502);
  });
});
