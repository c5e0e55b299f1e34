import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether tests may install what they need: in CI, as root. */
export function mayInstall(): boolean {
  return process.env.CI !== undefined && process.getuid?.() === 0;
}

/** Installs packages of Debian or Ubuntu. Rejects with the output of apt-get if that fails. */
export async function installDebianPackages(names: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { env });
  await run('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...names], { env });
}
