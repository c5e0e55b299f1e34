import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

const scripts = path.resolve(__dirname, '../../machine/fpga');

/** A secret as Key Vault has it. */
export interface VaultSecret {
  readonly value: string;
  readonly contentType: string;
}

export interface ScriptOutcome {
  readonly code: number | null;
  readonly output: string;
}

/**
 * A machine for the scripts: their files lie in a folder of its own, Azure's services are a real HTTP server on the
 * loopback address, and Docker and systemd are programs that note what they are called with.
 */
export class FakeMachine {
  readonly root = mkdtempSync(path.join(tmpdir(), 'brainwave-machine-'));
  /** By their paths, `/secrets/name`. */
  readonly secrets = new Map<string, VaultSecret>();
  userData = '';
  /** What Docker's `inspect` answers. */
  containerState: string | undefined;
  /** Whether Docker finds images to pull. */
  imagesExist = true;
  private server: Server | undefined;

  async start(): Promise<void> {
    mkdirSync(path.join(this.root, 'bin'));
    this.program('docker', [
      'echo "docker $*" >>"$BRAINWAVE_ROOT/calls"',
      'if [ "$1" = login ]; then echo "password $(cat)" >>"$BRAINWAVE_ROOT/calls"; fi',
      'if [ "$1" = pull ] && [ -e "$BRAINWAVE_ROOT/no-images" ]; then exit 1; fi',
      'if [ "$1" = inspect ]; then cat "$BRAINWAVE_ROOT/state" 2>/dev/null || exit 1; fi',
    ]);
    this.program('systemctl', ['echo "systemctl $*" >>"$BRAINWAVE_ROOT/calls"']);
    this.server = createServer((request, response) => {
      void this.answer(request).then(({ status, body }) => {
        response.writeHead(status).end(body);
      });
    });
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.server?.close(resolve));
    rmSync(this.root, { recursive: true, force: true });
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server?.address() as AddressInfo).port}`;
  }

  /** Runs one of the machine's scripts. */
  async run(script: string, args: readonly string[] = [], input = ''): Promise<ScriptOutcome> {
    this.note('state', this.containerState);
    this.note('no-images', this.imagesExist ? undefined : '');
    const child = spawn('bash', [path.join(scripts, script), ...args], {
      env: {
        PATH: `${path.join(this.root, 'bin')}:${process.env.PATH ?? ''}`,
        BRAINWAVE_ROOT: this.root,
        BRAINWAVE_METADATA: this.address,
        BRAINWAVE_OWNER: `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`,
      },
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const code = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: await code, output: stdout + stderr };
  }

  /** What Docker and systemd were called with since this was asked for last. */
  calls(): string[] {
    const file = path.join(this.root, 'calls');
    const lines = this.read('calls')?.trim().split('\n') ?? [];
    rmSync(file, { force: true });
    return lines;
  }

  /** A file, or nothing where there is none. */
  read(file: string): string | undefined {
    try {
      return readFileSync(path.join(this.root, file), 'utf8');
    } catch {
      return undefined;
    }
  }

  write(file: string, content: string): void {
    const whole = path.join(this.root, file);
    mkdirSync(path.dirname(whole), { recursive: true });
    writeFileSync(whole, content);
  }

  mode(file: string): number {
    return statSync(path.join(this.root, file)).mode & 0o777;
  }

  private note(name: string, content: string | undefined): void {
    if (content === undefined) {
      rmSync(path.join(this.root, name), { force: true });
    } else {
      this.write(name, content);
    }
  }

  private program(name: string, lines: readonly string[]): void {
    const file = path.join(this.root, 'bin', name);
    writeFileSync(file, `#!/usr/bin/env bash\n${lines.join('\n')}\n`);
    chmodSync(file, 0o755);
  }

  private async answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
    const url = new URL(request.url ?? '/', this.address);
    const { metadata, authorization } = request.headers;
    if (url.pathname === '/metadata/instance/compute/userData' && metadata === 'true') {
      return { status: 200, body: Buffer.from(this.userData).toString('base64') };
    }
    if (url.pathname === '/metadata/identity/oauth2/token' && metadata === 'true') {
      const { client_id: who, resource } = Object.fromEntries(url.searchParams);
      return { status: 200, body: JSON.stringify({ access_token: `token-of-${who}-for-${resource}` }) };
    }
    if (url.pathname === '/oauth2/exchange') {
      const form = new URLSearchParams(await text(request));
      const right = form.get('access_token') === 'token-of-scoring-for-https://management.azure.com/';
      return right
        ? { status: 200, body: JSON.stringify({ refresh_token: 'refresh-token' }) }
        : { status: 401, body: '' };
    }
    const secret = this.secrets.get(url.pathname);
    if (!secret || authorization !== 'Bearer token-of-scoring-for-https://vault.azure.net') {
      return { status: secret ? 401 : 404, body: '{}' };
    }
    return { status: 200, body: JSON.stringify(secret) };
  }
}
