import { BrainwaveError } from '../errors/brainwave-error';

/** `TERRAFORM_BINARY_NAME` is set to a binary that does not exist. */
export class TerraformNotFoundError extends BrainwaveError {
  readonly code = 'TERRAFORM_NOT_FOUND';

  constructor(readonly binaryName: string) {
    const place = /[\\/]/.test(binaryName)
      ? 'no executable file is at that path'
      : 'no such command is on PATH';
    super(
      `TERRAFORM_BINARY_NAME is "${binaryName}", but ${place}; set it to a command on PATH or the path of an ` +
        'executable, or unset it to use terraform or tofu from PATH',
    );
  }
}

/** A command of the CDKTF CLI is about to run a Terraform that does not exist. */
export class TerraformRequiredError extends BrainwaveError {
  readonly code = 'TERRAFORM_NOT_FOUND';

  constructor(
    readonly command: string,
    readonly binary: string,
  ) {
    super(
      `${command} runs ${binary}, but no such command is on PATH; install Terraform 1.4 or later, or set ` +
        'TERRAFORM_BINARY_NAME to the path of Terraform or OpenTofu',
    );
  }
}

/** A Terraform binary was found, but it does not run or its output is invalid. */
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

/** The Terraform version does not support the built-in resource `terraform_data`. */
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

/** Installation instructions for Terraform and OpenTofu, for the end of a message. */
export const installHints = [
  'Install one of them on PATH, or set TERRAFORM_BINARY_NAME to its path:',
  '  Terraform  macOS    brew install hashicorp/tap/terraform',
  "             Debian   apt install terraform  (from HashiCorp's repository: see the page)",
  '             Windows  winget install Hashicorp.Terraform',
  '             page     https://developer.hashicorp.com/terraform/install',
  '  OpenTofu   macOS    brew install opentofu',
  "             Debian   apt install tofu  (from OpenTofu's repository: see the page)",
  '             Windows  winget install OpenTofu.Tofu',
  '             page     https://opentofu.org/docs/intro/install/',
].join('\n');
