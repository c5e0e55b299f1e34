import type { LocalExecProvisioner } from 'cdktf';

import { STEP_VARIABLES } from '../../lib/contract/environment';
import type { StepInput, StepName } from '../../lib/contract/steps';
import { jsonTemplate, type JsonTemplate } from './json-template';

/**
 * A step that runs when the resource is created. Node runs it without a shell in between, so that no character
 * of a name or a path has a special meaning, and finds this package from the stack's folder upwards, so that no path
 * of this machine gets into the JSON.
 *
 * @param specification must hold no secret: Terraform hides the output of a provisioner whose environment does
 * @internal
 */
export function createStep<N extends StepName>(
  name: N,
  specification: StepInput<N> | JsonTemplate<StepInput<N>>,
): LocalExecProvisioner {
  return step(name, typeof specification === 'string' ? specification : jsonTemplate(specification));
}

/** A step that runs at destroy, and the input that the resource keeps for it. @internal */
export interface DestroyStep {
  readonly input: { readonly specification: string };
  readonly provisioner: LocalExecProvisioner;
}

/**
 * A step that runs when the resource is destroyed. Terraform lets it refer to nothing but the resource itself, so the
 * resource must have the step's `input` as its own.
 * @internal
 */
export function destroyStep<N extends StepName>(name: N, specification: StepInput<N>): DestroyStep {
  return {
    input: { specification: jsonTemplate(specification) },
    provisioner: { ...step(name, '${self.input.specification}'), when: 'destroy' },
  };
}

/** Keys of a service, as sensitive tokens. @internal */
export interface StepKeys {
  readonly primaryKey: string;
  readonly secondaryKey: string;
}

/**
 * A step that receives keys. Terraform hides its output and keeps the keys out of the plan.
 * @internal
 */
export function keysStep<N extends StepName>(
  name: N,
  specification: StepInput<N>,
  { primaryKey, secondaryKey }: StepKeys,
): LocalExecProvisioner {
  const provisioner = createStep(name, specification);
  return {
    ...provisioner,
    environment: {
      ...provisioner.environment,
      [STEP_VARIABLES.primaryKey]: primaryKey,
      [STEP_VARIABLES.secondaryKey]: secondaryKey,
    },
  };
}

function step(name: StepName, specification: string): LocalExecProvisioner {
  const provisioner: LocalExecProvisioner & { quiet: boolean } = {
    type: 'local-exec',
    // The command means nothing to a reader; the step prints its own lines. (cdktf has no property for it.)
    quiet: true,
    interpreter: ['node', '-e'],
    command: command(name),
    environment: { [STEP_VARIABLES.specification]: specification },
  };
  return provisioner;
}

/** Short: Terraform quotes it before the message of a failed step. */
function command(name: StepName): string {
  return (
    `try { require("cdktf-brainwave/provisioner").runStep("${name}") } ` +
    'catch (e) { console.error(e.message + "\\nrun npm ci in the stack\'s project"); process.exit(1) }'
  );
}
