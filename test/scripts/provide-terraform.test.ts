import { createServer, type Server } from 'node:http';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { provideTerraform } from '../../scripts/quickstart/terraform';

let cache: string;
let server: Server;
let requests: string[];
let answer: { status: number; body: string };

beforeEach(async () => {
  cache = mkdtempSync(path.join(tmpdir(), 'terraform-cache-'));
  requests = [];
  server = createServer((request, response) => {
    requests.push(request.url!);
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(cache, { recursive: true, force: true });
});

/** An environment in which nothing is on PATH, with a mirror of Terraform's releases. */
function environment(): NodeJS.ProcessEnv {
  const { port } = server.address() as AddressInfo;
  return { PATH: cache, CDKTF_BRAINWAVE_TERRAFORM_MIRROR: `http://127.0.0.1:${port}` };
}

describe('the quickstart on a machine without Terraform', () => {
  it('reports the download, and rejects anything but the pinned release', async () => {
    answer = { status: 200, body: 'something else' };
    const said: string[] = [];

    const fetched = provideTerraform((line) => said.push(line), environment(), cache);

    await expect(fetched).rejects.toThrow(/SHA-256/);
    expect(requests[0]).toMatch(/^\/1\.11\.4\/terraform_1\.11\.4_\w+_\w+\.zip$/);
    expect(said[0]).toContain('no Terraform or OpenTofu on PATH: downloading http://127.0.0.1');
    const left = readdirSync(cache, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(left).toEqual([]);
  });

  it('reports how to install Terraform or OpenTofu when it cannot be fetched', async () => {
    answer = { status: 404, body: '' };

    const fetched = provideTerraform(() => undefined, environment(), cache);

    await expect(fetched).rejects.toThrow(/404.*TERRAFORM_BINARY_NAME.*brew install.*apt install/s);
  });
});
