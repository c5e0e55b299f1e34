import { readFile } from 'node:fs/promises';
import net from 'node:net';

import { afterwards } from '../support/cleanup';
import { serverForTest } from '../server/support/test-server';
import { localProject, readKeys } from './support/local-project';

const SECRETS = {
  TF_VAR_primary_key: 'a-secret-of-the-stack',
  ARM_CLIENT_SECRET: 'a-secret-of-the-cloud',
  BRAINWAVE_KEY: 'a-secret-of-the-client',
};

describe('a local service', () => {
  it('has no key and no secret of the stack in its command line, its environment or its log', async () => {
    for (const [name, value] of Object.entries(SECRETS)) {
      process.env[name] = value;
      afterwards(() => Reflect.deleteProperty(process.env, name));
    }
    const project = await localProject();
    const { pid, keyFile, logFile } = await project.service('scoring').up(await project.specification());
    const { primaryKey, secondaryKey } = await readKeys(keyFile);
    const seen = await Promise.all(
      [`/proc/${pid ?? 0}/cmdline`, `/proc/${pid ?? 0}/environ`, logFile].map((file) =>
        readFile(file, 'utf8'),
      ),
    );
    for (const secret of [primaryKey, secondaryKey, ...Object.values(SECRETS), 'PRIVATE KEY']) {
      expect(seen.filter((text) => text.includes(secret))).toEqual([]);
    }
    expect(seen[1]).toContain('PATH=');
  });
});

describe('a server that is not told where to listen', () => {
  it('listens on 127.0.0.1 and nowhere else', async () => {
    const { server, port } = await serverForTest();
    const connect = (host: string) =>
      new Promise<string>((resolve) => {
        const socket = net.connect(port, host);
        afterwards(() => socket.destroy());
        socket.on('connect', () => {
          resolve('connected');
        });
        socket.on('error', (error: NodeJS.ErrnoException) => {
          resolve(error.code ?? '');
        });
      });
    expect(server.host).toBe('127.0.0.1');
    expect(await connect('127.0.0.1')).toBe('connected');
    // Another address of this machine: a server on all of them would answer.
    expect(await connect('127.0.0.2')).not.toBe('connected');
  });
});
