import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { TerraformFetchError } from '../../../scripts/terraform/download';
import {
  fetchTerraform,
  type FetchTerraformOptions,
  pinnedTerraformRelease,
  type TerraformRelease,
} from '../../../scripts/terraform/fetch-terraform';
import { fakeTerraform, writeExecutable } from '../../terraform/fake-terraform';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const zip = zipSync({ 'LICENSE.txt': strToU8('…'), terraform: strToU8(fakeTerraform('9.9.1')) });

let folder: string;
let server: Server | undefined;
let requests: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fetch-terraform-'));
  requests = [];
});

afterEach(async () => {
  server?.closeAllConnections();
  if (server?.listening) {
    server.close();
    await once(server, 'close');
  }
  server = undefined;
  rmSync(folder, { recursive: true });
});

async function serve(answer: RequestListener): Promise<string> {
  const started = createServer((request, response) => {
    requests.push(request.url ?? '');
    answer(request, response);
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}/terraform`;
}

function serveBytes(bytes: Uint8Array): Promise<string> {
  return serve((_, response) => {
    response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  });
}

function releaseOf(bytes: Uint8Array): TerraformRelease {
  return { version: '9.9.1', sha256: { linux_amd64: sha256(bytes), darwin_arm64: '0'.repeat(64) } };
}

function fetchInto(options: Partial<FetchTerraformOptions>) {
  return fetchTerraform({
    cacheDirectory: join(folder, 'cache'),
    platform: 'linux',
    arch: 'x64',
    release: releaseOf(zip),
    ...options,
  });
}

async function failure(options: Partial<FetchTerraformOptions>): Promise<TerraformFetchError> {
  const error: unknown = await fetchInto(options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TerraformFetchError);
  return error as TerraformFetchError;
}

/** Everything that is left below the cache folder, save empty folders. */
function leftFiles(): string[] {
  const cache = join(folder, 'cache');
  return existsSync(cache)
    ? readdirSync(cache, { recursive: true })
        .map(String)
        .filter((name) => statSync(join(cache, name)).isFile())
    : [];
}

describe('fetchTerraform', () => {
  it('downloads the release, verifies it, and unpacks only Terraform', async () => {
    const baseUrl = await serveBytes(zip);
    const progress: number[] = [];
    const started: string[] = [];
    const found = await fetchInto({
      baseUrl,
      onStart: (url) => started.push(url),
      onProgress: ({ receivedBytes, totalBytes }) => progress.push(receivedBytes, totalBytes ?? -1),
    });
    const path = join(folder, 'cache', 'terraform_9.9.1_linux_amd64', 'terraform');
    expect(found).toEqual({ path, product: 'terraform', version: '9.9.1' });
    expect(requests).toEqual(['/terraform/9.9.1/terraform_9.9.1_linux_amd64.zip']);
    expect(started).toEqual([`${baseUrl}/9.9.1/terraform_9.9.1_linux_amd64.zip`]);
    expect(progress.slice(-2)).toEqual([zip.length, zip.length]);
    expect(statSync(path).mode & 0o777).toBe(0o755);
    expect(leftFiles()).toEqual(['terraform_9.9.1_linux_amd64/terraform']);
  });

  it('uses the cache the second time, even without a network', async () => {
    const first = await fetchInto({ baseUrl: await serveBytes(zip) });
    server?.close();
    expect(await fetchInto({ baseUrl: 'http://127.0.0.1:1/' })).toEqual(first);
    expect(requests).toHaveLength(1);
  });

  it('fetches again what is damaged or of another version in the cache', async () => {
    const path = join(folder, 'cache', 'terraform_9.9.1_linux_amd64', 'terraform');
    const baseUrl = await serveBytes(zip);
    for (const content of ['#!/bin/sh\nexit 1\n', fakeTerraform('9.9.0')]) {
      writeExecutable(path, content);
      expect((await fetchInto({ baseUrl })).version).toBe('9.9.1');
    }
    expect(requests).toHaveLength(2);
  });

  it('may run several times at once', async () => {
    const baseUrl = await serveBytes(zip);
    const found = await Promise.all([1, 2, 3].map(() => fetchInto({ baseUrl })));
    expect(found.map(({ version }) => version)).toEqual(['9.9.1', '9.9.1', '9.9.1']);
    expect(leftFiles()).toEqual(['terraform_9.9.1_linux_amd64/terraform']);
  });

  it('rejects a file with another SHA-256 unopened, and keeps nothing of it', async () => {
    const other = zipSync({ terraform: strToU8('#!/bin/sh\necho harm\n') });
    const error = await failure({ baseUrl: await serveBytes(other) });
    expect(error.reason).toBe('CHECKSUM');
    expect(error.message).toContain('and was deleted');
    expect(error.message).toContain(`its SHA-256 is ${sha256(other)}, expected ${sha256(zip)}`);
    expect(leftFiles()).toEqual([]);
  });

  it('reports where to get Terraform and OpenTofu when it cannot fetch it', async () => {
    const baseUrl = await serve((_, response) => response.writeHead(404).end('none'));
    const error = await failure({ baseUrl });
    expect(error.code).toBe('TERRAFORM_FETCH_FAILED');
    expect(error.reason).toBe('HTTP_STATUS');
    expect(error.message).toContain(
      `could not fetch ${baseUrl}/9.9.1/terraform_9.9.1_linux_amd64.zip: got HTTP 404 Not Found, expected 200`,
    );
    for (const hint of [
      'TERRAFORM_BINARY_NAME',
      'brew install hashicorp/tap/terraform',
      'apt install terraform',
      'winget install Hashicorp.Terraform',
      'https://developer.hashicorp.com/terraform/install',
      'brew install opentofu',
      'winget install OpenTofu.Tofu',
      'https://opentofu.org/docs/intro/install/',
    ]) {
      expect(error.message).toContain(hint);
    }
    expect(leftFiles()).toEqual([]);
  });

  it('reports a missing response, with a hint about proxies', async () => {
    const baseUrl = await serveBytes(zip);
    await new Promise((resolve) => server?.close(resolve));
    const error = await failure({ baseUrl });
    expect(error.reason).toBe('NETWORK');
    expect(error.message).toContain('the connection was refused (ECONNREFUSED); check the network');
    expect(error.message).toContain("Node's fetch ignores HTTPS_PROXY unless NODE_USE_ENV_PROXY=1 is set");
  });

  it('reports an interrupted download', async () => {
    const baseUrl = await serve((_, response) => {
      response.writeHead(200, { 'content-length': zip.length });
      response.write(zip.slice(0, 100), () => response.destroy());
    });
    const error = await failure({ baseUrl });
    expect(error.reason).toBe('NETWORK');
    expect(error.message).toMatch(
      /could not fetch .*: the (connection was reset|server closed the connection)/,
    );
    expect(leftFiles()).toEqual([]);
  });

  it('gives up on a server that sends nothing', async () => {
    const baseUrl = await serve(() => undefined);
    const error = await failure({ baseUrl, idleTimeoutMilliseconds: 100 });
    expect(error.reason).toBe('NETWORK');
    expect(error.message).toContain('no data was received for 0.1 seconds');
  });

  it('rejects a file that has the right hash but is no release', async () => {
    const text = strToU8('not a zip');
    const noZip = await failure({ baseUrl: await serveBytes(text), release: releaseOf(text) });
    expect(noZip.reason).toBe('ARCHIVE');
    expect(noZip.message).toContain('could not unpack the file at http://127.0.0.1:');
    server?.close();
    const empty = zipSync({ 'LICENSE.txt': strToU8('…') });
    const without = await failure({ baseUrl: await serveBytes(empty), release: releaseOf(empty) });
    expect(without.reason).toBe('ARCHIVE');
    expect(without.message).toContain('contains no entry named terraform');
    expect(leftFiles()).toEqual([]);
  });

  it('reports that the fetched file does not run here', async () => {
    const broken = zipSync({ terraform: strToU8('#!/bin/sh\nexit 3\n') });
    const error = await failure({ baseUrl: await serveBytes(broken), release: releaseOf(broken) });
    expect(error.reason).toBe('NOT_USABLE');
    expect(error.message).toContain('`version -json` ended with 3');
  });

  it('names the platforms that it can fetch for', async () => {
    const error = await failure({ platform: 'sunos', arch: 'sparc' });
    expect(error.reason).toBe('UNSUPPORTED_PLATFORM');
    expect(error.message).toContain(
      'cannot fetch Terraform for sunos_sparc: expected one of linux_amd64, darwin_arm64.',
    );
    expect((await failure({ platform: 'constructor', arch: 'x64' })).reason).toBe('UNSUPPORTED_PLATFORM');
  });

  it("does not repeat an address that contains a password, or is not the web's", async () => {
    for (const baseUrl of ['https://user:hunter2@example.com/terraform', 'file:///tmp', 'hunter2']) {
      const error = await failure({ baseUrl });
      expect(error.reason).toBe('ADDRESS');
      expect(error.message).toContain('expected an http or https address without a user name and password');
      expect(error.message).not.toContain('hunter2');
    }
  });

  it('reports that it cannot write where the cache should be', async () => {
    writeFileSync(join(folder, 'cache'), '');
    const error = await failure({ baseUrl: await serveBytes(zip) });
    expect(error.reason).toBe('CACHE_DIRECTORY');
    expect(error.message).toContain(`could not store Terraform 9.9.1 in ${join(folder, 'cache')}`);
    expect(requests).toEqual([]);
  });
});

describe('the pinned release', () => {
  it('has a SHA-256 for Linux and macOS on both architectures', () => {
    expect(pinnedTerraformRelease.version).toMatch(/^\d+\.\d+\.\d+$/);
    const platforms = ['linux_amd64', 'linux_arm64', 'darwin_amd64', 'darwin_arm64'];
    expect(Object.keys(pinnedTerraformRelease.sha256)).toEqual(platforms);
    const hashes = Object.values(pinnedTerraformRelease.sha256);
    expect(new Set(hashes).size).toBe(4);
    expect(hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
  });
});
