import { resolve } from 'node:path';
import { findTerraform } from '../../lib/terraform/find-terraform';
import type { TerraformBinary } from '../../lib/terraform/terraform-binary';
import { TerraformNotFoundError } from '../../lib/terraform/terraform-errors';
import { fetchTerraform } from '../../scripts/terraform/fetch-terraform';

/**
 * The Terraform that tests run: the one that `TERRAFORM_BINARY_NAME` names; else OpenTofu where it is on PATH, since
 * the quickstart runs Terraform anyway; else Terraform; else the pinned release, fetched once into an ignored folder,
 * so that all tests run on a machine that has none.
 */
export async function terraformForTests(env: NodeJS.ProcessEnv = process.env): Promise<TerraformBinary> {
  const cacheDirectory = resolve(__dirname, '../../.cdktf-brainwave/terraform');
  return (
    (await findOpenTofu(env)) ?? (await findTerraform({ env })) ?? (await fetchTerraform({ cacheDirectory }))
  );
}

async function findOpenTofu(env: NodeJS.ProcessEnv): Promise<TerraformBinary | undefined> {
  if (env.TERRAFORM_BINARY_NAME) {
    return undefined;
  }
  return findTerraform({ env: { ...env, TERRAFORM_BINARY_NAME: 'tofu' } }).catch((error: unknown) => {
    if (error instanceof TerraformNotFoundError) {
      return undefined;
    }
    throw error;
  });
}
