import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { inspectTerraform, type TerraformBinary } from './terraform-binary';
import { TerraformNotFoundError } from './terraform-errors';

/** Options for finding Terraform. */
export interface FindTerraformOptions {
  /** Environment with `PATH` and `TERRAFORM_BINARY_NAME`. @default process.env */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/**
 * Finds Terraform: `TERRAFORM_BINARY_NAME` (a command on PATH, or a path), which CDKTF also uses, or else `terraform` or
 * `tofu` on PATH. Returns undefined if none is installed.
 *
 * @throws TerraformNotFoundError if `TERRAFORM_BINARY_NAME` does not exist
 * @throws TerraformNotUsableError if the binary does not run
 * @throws TerraformTooOldError if its version is below 1.4
 */
export async function findTerraform({ env = process.env }: FindTerraformOptions = {}): Promise<
  TerraformBinary | undefined
> {
  const wanted = env.TERRAFORM_BINARY_NAME;
  if (wanted) {
    const path = await findExecutable(wanted, env);
    if (path === undefined) {
      throw new TerraformNotFoundError(wanted);
    }
    return inspectTerraform(path, env);
  }
  const path = (await findExecutable('terraform', env)) ?? (await findExecutable('tofu', env));
  return path === undefined ? undefined : inspectTerraform(path, env);
}

async function findExecutable(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const places = /[\\/]/.test(name)
    ? [resolve(name)]
    : // An empty entry of PATH stands for the working directory, from which nothing is run without the user's request.
      (env.PATH ?? '')
        .split(delimiter)
        .filter((folder) => folder !== '')
        .map((folder) => resolve(join(folder, name)));
  const suffixes = process.platform === 'win32' ? ['.exe', ''] : [''];
  for (const path of places.flatMap((place) => suffixes.map((suffix) => place + suffix))) {
    if (await isExecutableFile(path)) {
      return path;
    }
  }
  return undefined;
}

async function isExecutableFile(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
