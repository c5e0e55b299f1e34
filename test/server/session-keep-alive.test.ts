import http2, { type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';

import { keepAlive } from '../../lib/server/session-keep-alive';
import { afterwards } from '../support/cleanup';

it('pings no session that is being closed, whatever keeps it from being so at once', async () => {
  const server = http2.createServer();
  afterwards(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  client.on('error', () => undefined);
  afterwards(() => {
    client.destroy();
  });
  const session = await new Promise<ServerHttp2Session>((resolve) => server.once('session', resolve));
  const closed = new Promise((resolve) => session.once('close', resolve));
  keepAlive(session, { intervalMs: 1 });
  session.destroy();
  // The interval is due before the event loop comes to the session's end.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  await closed;
  expect(session.destroyed).toBe(true);
});
