import { request } from 'node:http';

import { ScoringFront } from '../../lib/entry-script/scoring-front';
import { silentLog } from '../../lib/server';
import { afterwards } from '../support/cleanup';

const keys = { primaryKey: 'the-primary-key', secondaryKey: 'the-secondary-key' };

/** @returns the status, or the error's code */
function call(port: number, key: string): Promise<number | string> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${key}` };
    request({ host: '127.0.0.1', port, path: '/score', method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .once('error', (error: NodeJS.ErrnoException) => {
        resolve(error.code ?? error.message);
      })
      .end();
  });
}

describe('callers without a right key', () => {
  it('are hung up on after some attempts, and the right key is let through all the while', async () => {
    const front = await ScoringFront.listen(
      '127.0.0.1',
      0,
      {
        socketPath: '/nowhere/inference.sock',
        keys,
        maxRequestBytes: 1000,
        failedAttempts: { burst: 2, perSecond: 0.01 },
      },
      silentLog,
    );
    afterwards(() => front.stop());

    expect([await call(front.port, 'a'), await call(front.port, 'b')]).toEqual([401, 401]);
    expect(await call(front.port, 'c')).toBe('ECONNRESET');
    // It is admitted; behind this front there is no inference server.
    expect(await call(front.port, keys.primaryKey)).not.toBe(401);
    expect(await call(front.port, keys.secondaryKey)).not.toBe('ECONNRESET');
  });
});
