import { request } from 'node:https';

import { ScoringFront } from '../../lib/entry-script/scoring-front';
import { silentLog } from '../../lib/server';
import { issueCertificate, type IssuedCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';

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

async function listen(failedAttempts?: { burst: number; perSecond: number }): Promise<number> {
  const settings = { socketPath: '/nowhere/inference.sock', maxRequestBytes: 1000, failedAttempts };
  const front = await ScoringFront.listen('127.0.0.1', 0, { ...settings, tls: issued, keys }, silentLog);
  afterwards(() => front.stop());
  return front.port;
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
