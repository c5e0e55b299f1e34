import type { LocalExecProvisioner } from 'cdktf';

import { jsonTemplate } from './json-template';

/** The steps that `cdktf-brainwave/provisioner` runs at apply. */
export type StepName =
  | 'register-model'
  | 'remove-model'
  | 'reserve-service'
  | 'remove-service'
  | 'write-keys'
  | 'configure-service'
  | 'reserve-endpoint'
  | 'remove-endpoint'
  | 'write-endpoint-keys'
  | 'configure-endpoint'
  | 'write-smoke-test-keys'
  | 'smoke-test';

/** @internal The variable that carries a step's specification, as JSON. */
export const SPECIFICATION_VARIABLE = 'CDKTF_BRAINWAVE_SPECIFICATION';

/**
 * A step that runs when the resource is created. Node runs it without a shell in between, so that no character
 * of a name or a path means anything, and finds this package from the stack's folder upwards, so that no path
 * of this machine gets into the JSON.
 *
 * @param specification an object, or a `jsonTemplate`; it must hold no secret: Terraform hides the output of a provisioner whose environment does
 * @internal
 */
export function createStep(name: StepName, specification: object | string): LocalExecProvisioner {
  return step(name, typeof specification === 'string' ? specification : jsonTemplate(specification));
}

/**
 * A step that runs when the resource is destroyed. Terraform lets it see nothing but the resource itself: the
 * specification is the resource's `input.specification`, as a `jsonTemplate`.
 * @internal
 */
export function destroyStep(name: StepName): LocalExecProvisioner {
  return { ...step(name, '${self.input.specification}'), when: 'destroy' };
}

/**
 * A step whose values are secrets. Terraform hides its output and keeps them out of the plan.
 * @param secrets variables of the step's environment
 * @internal
 */
export function secretStep(
  name: StepName,
  specification: object,
  secrets: Record<string, string>,
): LocalExecProvisioner {
  const provisioner = createStep(name, specification);
  return { ...provisioner, environment: { ...provisioner.environment, ...secrets } };
}

function step(name: StepName, specification: string): LocalExecProvisioner {
  const provisioner: LocalExecProvisioner & { quiet: boolean } = {
    type: 'local-exec',
    // The command says nothing to a reader; the step's own lines do. (cdktf has no property for it.)
    quiet: true,
    interpreter: ['node', '-e'],
    command: command(name),
    environment: { [SPECIFICATION_VARIABLE]: specification },
  };
  return provisioner;
}

/** Short: Terraform quotes it before the message of a step that failed. */
function command(name: StepName): string {
  return (
    `try { require("cdktf-brainwave/provisioner").runStep("${name}") } ` +
    'catch (e) { console.error(e.message + "\\nrun npm ci in the stack\'s project"); process.exit(1) }'
  );
}
