import { BrainwaveError } from '../errors/brainwave-error';
import { findTerraform } from '../terraform/find-terraform';
import { installHints } from '../terraform/terraform-errors';
import type { Check, Finding } from './check';

/** Checks for Terraform or OpenTofu. */
export const checkTerraform: Check = async ({ env }) => [await look(env)];

async function look(env: NodeJS.ProcessEnv): Promise<Finding> {
  const check = 'terraform';
  try {
    const found = await findTerraform({ env });
    if (!found) {
      const finding = 'neither terraform nor tofu is on PATH';
      return { check, outcome: 'failed', finding, remedy: installHints };
    }
    const product = found.product === 'opentofu' ? 'OpenTofu' : 'Terraform';
    return { check, outcome: 'passed', finding: `${product} ${found.version} (${found.path})` };
  } catch (error) {
    if (error instanceof BrainwaveError) {
      // The message includes the remedy.
      return { check, outcome: 'failed', finding: error.message };
    }
    throw error;
  }
}
