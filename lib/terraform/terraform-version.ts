import { execFileSync } from 'node:child_process';

import { TerraformNotUsableError, TerraformTooOldError } from './terraform-errors';

const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Looks whether a Terraform or OpenTofu of this version knows `terraform_data`.
 *
 * @param path of the binary, for the message
 * @param version `1.11.4`, with its suffix where it has one
 * @throws TerraformNotUsableError where that is no version
 * @throws TerraformTooOldError below 1.4, the first with `terraform_data`
 */
export function requireVersion(path: string, version: string): void {
  const numbers = /^(\d+)\.(\d+)\./.exec(version);
  if (numbers === null) {
    throw new TerraformNotUsableError(
      path,
      `its version is "${version.slice(0, 40)}", expected one like 1.11.4`,
    );
  }
  const [major, minor] = [Number(numbers[1]), Number(numbers[2])];
  if (major < 1 || (major === 1 && minor < 4)) {
    throw new TerraformTooOldError(path, version);
  }
}

/**
 * Looks, while others wait, whether the Terraform that CDKTF would run knows `terraform_data`. Where there is none, or
 * it does not answer, nothing is wrong yet: a synth needs none.
 *
 * @throws TerraformTooOldError below 1.4
 */
export function requireInstalledVersion(env: NodeJS.ProcessEnv = process.env): void {
  const named = env.TERRAFORM_BINARY_NAME;
  // As cdktf has it: an empty name is none.
  const binary = named === undefined || named === '' ? 'terraform' : named;
  const version = /\bv(\d+\.\d+\.\d+\S*)/.exec(ask(binary, env))?.[1];
  if (version !== undefined) {
    requireVersion(binary, version);
  }
}

function ask(binary: string, env: NodeJS.ProcessEnv): string {
  try {
    return execFileSync(binary, ['version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      // Without the checkpoint the question is answered offline, too, and at once.
      env: { ...env, CHECKPOINT_DISABLE: '1' },
      timeout: ANSWER_TIMEOUT_MS,
    });
  } catch {
    // Who plans or applies will be told.
    return '';
  }
}
