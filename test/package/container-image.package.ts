import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { PredictionClient } from '../../lib/client';
import { afterwards } from '../support/cleanup';
import { freePort } from '../support/free-port';
import { sampleImage, sampleServiceDefinition, TIGER_CAT } from '../support/sample-service-definition';
import { pageText } from '../support/snippets';
import { until } from '../support/until';
import { buildImage, type BuiltImage } from './support/built-image';
import { npm } from './support/package-managers';
import { packedLibrary } from './support/packed-library';
import { tryTool } from './support/run-tool';
import { UserProject } from './support/user-project';

const CONFIGURATION = '/etc/cdktf-brainwave/configuration.json';
const NOBODY = 65_532;

/** Only the superuser may give a process another root. */
const isSuperuser = process.getuid?.() === 0;

let project: UserProject;
let image: BuiltImage;
let removeImage: (() => void) | undefined;

beforeAll(async () => {
  if (!isSuperuser) {
    throw new Error('a Dockerfile is executed here with chroot; run these tests as root');
  }
  project = new UserProject({});
  // Its command needs none of the peers, which are only for stacks.
  await npm.install(project, ['--legacy-peer-deps', packedLibrary().tarball]);
  writeFileSync(project.path('model.zip'), sampleServiceDefinition()._toZip());
  const options = ['--model', 'model.zip', '--name', 'efficientnet-lite0', '--output', 'image'];
  await project.run('npx', ['--no-install', 'cdktf-brainwave', 'image-context', ...options]);
  ({ image, remove: removeImage } = await buildImage(project.path('image')));
});

afterAll(() => {
  removeImage?.();
  project.remove();
});

describe("the scoring server's image, built by its Dockerfile's steps", () => {
  it('has layers as large as docs/container-image.md says', () => {
    const measured = image.layers
      .filter(({ bytes }) => bytes > 0)
      .map(({ instruction, bytes }) => ({ instruction, megabytes: bytes / 1e6 }));
    process.stdout.write(
      measured.map((layer) => `${layer.megabytes.toFixed(1)} MB  ${layer.instruction}\n`).join(''),
    );
    const documented = [
      ...pageText('docs/container-image.md').matchAll(/^\| `(COPY [^`]+)` +\|.*\| +([\d.]+) MB +\|$/gm),
    ].map(([, instruction, megabytes]) => ({ instruction, megabytes: Number(megabytes) }));
    expect(measured.map(({ instruction }) => instruction)).toEqual(
      documented.map(({ instruction }) => instruction),
    );
    // Packages are updated; what grows by more than a quarter is looked at.
    for (const [index, { megabytes }] of measured.entries()) {
      expect(megabytes).toBeLessThan(documented[index].megabytes * 1.25 + 0.1);
    }
  });

  it('belongs to root: its user may write nowhere but to /tmp', () => {
    expect(image.user).toBe(`${NOBODY}:${NOBODY}`);
    const writable = readdirSync(image.root, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isSymbolicLink())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .filter((file) => {
        const { uid, gid, mode } = statSync(file);
        return uid === NOBODY || gid === NOBODY || (mode & 0o002) !== 0;
      });
    expect(writable).toEqual([path.join(image.root, 'tmp')]);
  });

  it('listens where it says that it does', () => {
    const { port, healthPort } = configuration();
    expect(image.exposed).toEqual([port, healthPort]);
  });

  it('scores an image as nobody, is healthy, writes nothing and stops when asked to', async () => {
    const before = listing();
    const { port } = await configureFreePorts();

    const { server, log } = start();
    await until(() => log().includes('"ready"') || server.exitCode !== null);
    expect({ exitCode: server.exitCode, log: log() }).toMatchObject({ exitCode: null });
    const status = readFileSync(`/proc/${server.pid!}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\t65532\t65532\t65532\t65532$/m);
    expect(status).toMatch(/^Gid:\t65532\t65532\t65532\t65532$/m);

    const client = new PredictionClient({ address: `127.0.0.1:${port}`, plaintext: true });
    afterwards(() => {
      client.close();
    });
    const [best] = await client.classify(sampleImage('chelsea.png'));
    expect(best).toMatchObject({ classIndex: TIGER_CAT });

    const [command, args] = image.invocation(image.healthCheck);
    expect(await tryTool(command, args, { cwd: '/' })).toMatchObject({ exitCode: 0 });
    server.kill('SIGTERM');
    expect(await once(server, 'exit')).toEqual([0, null]);
    expect(listing()).toEqual(before);
    expect((await tryTool(command, args, { cwd: '/' })).exitCode).not.toBe(0);
  });
});

interface Ports {
  readonly port: number;
  readonly healthPort: number;
}

function configuration(): Ports {
  return JSON.parse(readFileSync(image.path(CONFIGURATION), 'utf8')) as Ports;
}

/** As who runs the image mounts a configuration of their own over the image's. */
async function configureFreePorts(): Promise<Ports> {
  const ports = { port: await freePort(), healthPort: await freePort() };
  writeFileSync(image.path(CONFIGURATION), JSON.stringify({ ...configuration(), ...ports }));
  return ports;
}

function start(): { server: ChildProcess; log: () => string } {
  const [command, args] = image.invocation([...image.entrypoint, ...image.command]);
  const server = spawn(command, args, { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
  afterwards(() => server.kill('SIGKILL'));
  let log = '';
  server.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  server.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  return { server, log: () => log };
}

function listing(): string[] {
  return readdirSync(image.root, { recursive: true }).map(String).sort();
}
