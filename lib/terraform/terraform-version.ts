import { TerraformNotUsableError, TerraformTooOldError } from './terraform-errors';

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
