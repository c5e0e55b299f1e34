import net from 'node:net';

import { requirePort } from '../../scripts/quickstart/port';
import { afterwards } from '../support/cleanup';
import { freePort, listenOn } from '../support/free-port';

it('a free port is accepted', async () => {
  await expect(requirePort({ PORT: String(await freePort()) })).resolves.toBeUndefined();
});

it('a taken port is refused, with who has it and the command that uses the next free one', async () => {
  const stranger = net.createServer();
  afterwards(() => stranger.close());
  const port = await listenOn(stranger, 0);
  await expect(requirePort({ PORT: String(port) })).rejects.toThrow(
    new RegExp(
      `^port ${port} on 127\\.0\\.0\\.1 is in use by process ${process.pid} \\(node\\); use the next free one: ` +
        'PORT=\\d+ npm run quickstart$',
    ),
  );
});

it('what is no port is refused', async () => {
  await expect(requirePort({ PORT: 'http' })).rejects.toThrow(
    'PORT is http; expected a whole number from 1 to 65535',
  );
});
