import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { MissingPeerError } from '../row';
import { cache } from './cache';

const run = promisify(execFile);
const bin = path.join(cache, 'bin');
const INSTALL_TIMEOUT_MS = 600_000;

/**
 * Returns a Go program, which is installed if it is missing.
 * @param module module with its version: `github.com/bojand/ghz/cmd/ghz@v0.121.0`
 * @returns path of the program
 * @throws MissingPeerError if it cannot be installed
 */
export async function goProgram(module: string): Promise<string> {
  const [source = '', version = ''] = module.split('@');
  const folder = path.join(bin, version);
  const program = path.join(folder, path.basename(source));
  if (!existsSync(program)) {
    process.stderr.write(`installing ${module}\n`);
    await go(['install', module], { GOBIN: folder });
  }
  return program;
}

/**
 * Returns the Go server in this folder, which is built if it has changed.
 * @throws MissingPeerError if it cannot be built
 */
export async function goServer(): Promise<string> {
  const source = path.join(cache, 'go-server');
  await mkdir(source, { recursive: true });
  await cp(path.join(__dirname, 'go-server'), source, { recursive: true });
  const program = path.join(bin, 'go-server');
  await go(['build', '-o', program, '.'], {}, source);
  return program;
}

async function go(args: string[], environment: NodeJS.ProcessEnv, folder = cache): Promise<void> {
  await mkdir(folder, { recursive: true });
  try {
    await run('go', args, {
      cwd: folder,
      env: { ...process.env, ...environment },
      timeout: INSTALL_TIMEOUT_MS,
    });
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    throw new MissingPeerError(
      code === 'ENOENT'
        ? 'Go is not installed'
        : `go ${args.join(' ')} failed: ${stderr.trim().split('\n').at(-1) ?? ''}`,
    );
  }
}
