import { readFile } from 'node:fs/promises';
import net from 'node:net';
import { networkInterfaces } from 'node:os';

import { afterwards } from '../support/cleanup';
import { serverForTest } from '../server/support/test-server';
import { localProject, readKeys } from './support/local-project';

const SECRETS = {
  TF_VAR_primary_key: 'a-secret-of-the-stack',
  ARM_CLIENT_SECRET: 'a-secret-of-the-cloud',
  BRAINWAVE_KEY: 'a-secret-of-the-client',
  AWS_SECRET_ACCESS_KEY: 'a-secret-of-another-cloud',
  AWS_SESSION_TOKEN: 'a-secret-of-a-session',
  AZURE_CLIENT_SECRET: 'a-secret-of-the-sdk',
  GITHUB_TOKEN: 'a-secret-of-the-repository',
  SYSTEM_ACCESSTOKEN: 'a-secret-of-the-pipeline',
  NODE_AUTH_TOKEN: 'a-secret-of-the-registry',
  NVIDIA_API_KEY: 'a-secret-of-the-vendor',
  PIP_INDEX_URL: 'https://user:a-secret-of-the-index@pypi.example.com/simple',
  SCORING_KEY: 'a-secret-of-the-smoke-test',
  WHATEVER_ELSE: 'what-nobody-has-heard-of',
};
/** What a server needs of its starter's environment. */
const SETTINGS = {
  TZ: 'Europe/Zurich',
  LC_ALL: 'C.UTF-8',
  NODE_EXTRA_CA_CERTS: '/nowhere/roots.pem',
  GRPC_VERBOSITY: 'ERROR',
  SSL_CERT_DIR: '/nowhere/certificates',
  HTTPS_PROXY: 'http://proxy.example.com:3128',
  no_proxy: 'localhost',
  OMP_NUM_THREADS: '1',
  LD_LIBRARY_PATH: '/nowhere/lib',
  CUDA_VISIBLE_DEVICES: '0',
};

/** An address of this machine on which a server of the loopback address does not answer, and one of all addresses does. */
const OTHER_ADDRESS =
  Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === 'IPv4' && !each.internal)?.address ?? '127.0.0.2';

/** Connects to an address of this machine. Resolves to `connected`, or to the code of the error. */
function connect(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, host);
    afterwards(() => socket.destroy());
    socket.on('connect', () => {
      resolve('connected');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? '');
    });
  });
}

describe('a local service', () => {
  it('has no key and no secret of the stack in its command line, its environment or its log', async () => {
    for (const [name, value] of Object.entries({ ...SECRETS, ...SETTINGS })) {
      const before = process.env[name];
      process.env[name] = value;
      afterwards(() => {
        if (before === undefined) {
          Reflect.deleteProperty(process.env, name);
        } else {
          process.env[name] = before;
        }
      });
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
    const environment = seen[1].split('\0');
    expect(environment).toEqual(
      expect.arrayContaining(Object.entries(SETTINGS).map(([name, value]) => `${name}=${value}`)),
    );
    expect(environment).toContain(`PATH=${process.env.PATH ?? ''}`);
  });
});

it('a local service for all machines serves its metrics to this one alone, unless their address is set', async () => {
  const project = await localProject();
  const service = project.service('scoring');
  const specification = await project.specification({ address: '0.0.0.0' });
  const { hostname, port } = new URL((await service.up(specification)).metricsUrl ?? '');
  expect(await connect(hostname, Number(port))).toBe('connected');
  expect(await connect(OTHER_ADDRESS, Number(port))).not.toBe('connected');

  const open = await service.up({ ...specification, healthAddress: '0.0.0.0' });
  expect(open.metricsUrl).toMatch(/^http:\/\/127\.0\.0\.1:/);
  expect(await connect(OTHER_ADDRESS, Number(new URL(open.metricsUrl ?? '').port))).toBe('connected');
});

describe('a server that is not told where to listen', () => {
  it('listens on 127.0.0.1 and nowhere else', async () => {
    const { server, port } = await serverForTest();
    expect(server.host).toBe('127.0.0.1');
    expect(await connect('127.0.0.1', port)).toBe('connected');
    expect(await connect(OTHER_ADDRESS, port)).not.toBe('connected');
  });
});
