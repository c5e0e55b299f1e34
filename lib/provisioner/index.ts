/**
 * Steps that Terraform runs at apply and destroy. Stacks run them; programs do not need this module.
 *
 * @module cdktf-brainwave/provisioner
 */

import { STEP_VARIABLES } from '../contract/environment';
import { BrainwaveError } from '../errors/brainwave-error';
import { interruption } from '../process/interruption';
import { executeStep } from './steps';

/**
 * Runs a step of an apply or destroy. The `local-exec` provisioners of a stack call it with the specification as JSON in
 * `CDKTF_BRAINWAVE_SPECIFICATION`. Ends the process, with exit code 1 if the step fails.
 */
export function runStep(name: string): void {
  execute(name).then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${describe(error)}\n`, () => process.exit(1));
    },
  );
}

function describe(error: unknown): string {
  if (error instanceof BrainwaveError) {
    return error.message;
  }
  if (error instanceof Error) {
    // Every wait ends with it when Terraform is interrupted.
    return error.name === 'AbortError'
      ? 'interrupted; deploy again to continue'
      : (error.stack ?? error.message);
  }
  return String(error);
}

async function execute(name: string): Promise<void> {
  await executeStep(name, {
    specification: JSON.parse(process.env[STEP_VARIABLES.specification] ?? 'null'),
    env: process.env,
    write: (line) => process.stdout.write(`${line}\n`),
    interruption,
  });
}
