import { execFileSync } from 'node:child_process';

import { cliCommand } from './cdktf-cli';
import { TerraformNotUsableError, TerraformRequiredError, TerraformTooOldError } from './terraform-errors';

const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Checks that this version of Terraform or OpenTofu supports `terraform_data`.
 *
 * @param path path of the binary, for the message
 * @param version version with its suffix, if any: `1.11.4`
 * @throws TerraformNotUsableError if the version is invalid
 * @throws TerraformTooOldError if it is below 1.4, the first with `terraform_data`
 */
export function requireVersion(path: string, version: string): void {
  if (!/^\d+\.\d+\./.test(version)) {
    throw new TerraformNotUsableError(
      path,
      `its version is "${version.slice(0, 40)}", expected a version such as 1.11.4`,
    );
  }
  if (isOlder(version, { major: 1, minor: 4 })) {
    throw new TerraformTooOldError(path, version);
  }
}

/**
 * Returns whether a version such as `1.10.3` is older than a minor version.
 * @param version version with its suffix, if any
 */
export function isOlder(version: string, { major, minor }: { major: number; minor: number }): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}

/**
 * Checks synchronously that the Terraform that CDKTF would run supports `terraform_data`. A missing or broken Terraform is
 * accepted, because synth does not need one, unless a command of the CDKTF CLI synthesizes that runs it afterwards: it would only
 * say `spawn terraform ENOENT`.
 *
 * @throws TerraformTooOldError if its version is below 1.4
 * @throws TerraformRequiredError if it is missing under `cdktf deploy`, `destroy` or `diff`
 */
export function requireInstalledVersion(env: NodeJS.ProcessEnv = process.env): void {
  const installed = installedVersion(env);
  if (installed) {
    requireVersion(installed.binary, installed.version);
  }
}

/** Name of a binary, and its version with its suffix, if any. */
export interface InstalledTerraform {
  readonly binary: string;
  readonly version: string;
}

/** Returns the Terraform or OpenTofu that CDKTF would run, or `undefined` if there is none, or a broken one. */
export function installedVersion(env: NodeJS.ProcessEnv = process.env): InstalledTerraform | undefined {
  const named = env.TERRAFORM_BINARY_NAME;
  // Like cdktf, treat an empty name as unset.
  const binary = named === undefined || named === '' ? 'terraform' : named;
  const version = /\bv(\d+\.\d+\.\d+\S*)/.exec(ask(binary, env))?.[1];
  return version === undefined ? undefined : { binary, version };
}

function ask(binary: string, env: NodeJS.ProcessEnv): string {
  try {
    return execFileSync(binary, ['version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      // Without the update check, the command also works offline and returns immediately.
      env: { ...env, CHECKPOINT_DISABLE: '1' },
      timeout: ANSWER_TIMEOUT_MS,
    });
  } catch (error) {
    const command = (error as NodeJS.ErrnoException).code === 'ENOENT' ? cliCommand(env) : undefined;
    if (command !== undefined) {
      throw new TerraformRequiredError(command, binary);
    }
    // A plan or an apply reports the problem.
    return '';
  }
}
