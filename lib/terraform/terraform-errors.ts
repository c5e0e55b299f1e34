import { BrainwaveError } from '../errors/brainwave-error';

/** The environment names a Terraform that is not there. */
export class TerraformNotFoundError extends BrainwaveError {
  readonly code = 'TERRAFORM_NOT_FOUND';

  constructor(readonly binaryName: string) {
    const place = /[\\/]/.test(binaryName)
      ? 'no executable file is at that path'
      : 'no such command is on PATH';
    super(
      `TERRAFORM_BINARY_NAME is "${binaryName}", but ${place}; expected a command on PATH or an executable's ` +
        'path: correct it, or unset it to use terraform or tofu from PATH',
    );
  }
}

/** A Terraform was found, but does not run or does not answer as one. */
export class TerraformNotUsableError extends BrainwaveError {
  readonly code = 'TERRAFORM_NOT_USABLE';

  constructor(
    readonly path: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(
      `${path} is not a usable Terraform: ${reason}; repair it, or set TERRAFORM_BINARY_NAME to another ` +
        'Terraform or OpenTofu',
      options,
    );
  }
}

/** A Terraform was found that does not know the built-in resource `terraform_data`. */
export class TerraformTooOldError extends BrainwaveError {
  readonly code = 'TERRAFORM_TOO_OLD';

  constructor(
    readonly path: string,
    readonly version: string,
  ) {
    super(
      `${path} is version ${version}, expected 1.4 or later (the first with terraform_data); update it, or set ` +
        'TERRAFORM_BINARY_NAME to a later Terraform or OpenTofu',
    );
  }
}

/** How to install Terraform or OpenTofu: a few lines to end a message with. */
export const installHints = [
  'Install one of them, so that it is on PATH, or name it with TERRAFORM_BINARY_NAME:',
  '  Terraform  macOS    brew install hashicorp/tap/terraform',
  "             Debian   apt install terraform  (from HashiCorp's repository: see the page)",
  '             Windows  winget install Hashicorp.Terraform',
  '             page     https://developer.hashicorp.com/terraform/install',
  '  OpenTofu   macOS    brew install opentofu',
  "             Debian   apt install tofu  (from OpenTofu's repository: see the page)",
  '             Windows  winget install OpenTofu.Tofu',
  '             page     https://opentofu.org/docs/intro/install/',
].join('\n');
