import { execFileSync } from 'node:child_process';

import { requireVersion } from './terraform-version';

const ANSWER_TIMEOUT_MS = 10_000;

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
