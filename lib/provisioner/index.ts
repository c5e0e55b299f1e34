/**
 * The steps that Terraform calls at apply and destroy. Stacks call them; programs need not.
 *
 * @module cdktf-brainwave/provisioner
 */

import { STEP_VARIABLES } from '../contract/environment';
import { BrainwaveError } from '../errors/brainwave-error';
import { executeStep } from './steps';

/**
 * Runs one step of an apply or a destroy; what a stack's `local-exec` provisioners call. The specification is
 * JSON in `CDKTF_BRAINWAVE_SPECIFICATION`. Ends the process with 1 where the step fails.
 */
export function runStep(name: string): void {
  execute(name).then(
    () => process.exit(0),
    (error: unknown) => {
      const known = error instanceof BrainwaveError;
      const text = error instanceof Error ? (known ? error.message : error.stack) : String(error);
      process.stderr.write(`${text ?? 'unknown error'}\n`, () => process.exit(1));
    },
  );
}

async function execute(name: string): Promise<void> {
  await executeStep(name, {
    specification: JSON.parse(process.env[STEP_VARIABLES.specification] ?? 'null'),
    env: process.env,
    write: (line) => process.stdout.write(`${line}\n`),
  });
}
