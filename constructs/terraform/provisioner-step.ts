import type { LocalExecProvisioner } from 'cdktf';

import { STEP_VARIABLES } from '../../lib/contract/environment';
import type { StepInput, StepName } from '../../lib/contract/steps';
import { jsonTemplate, type JsonTemplate } from './json-template';

/** Program whose argument is the step. Terraform prints only the argument before the message of a failed step. */
const RUN_STEP =
  'try { require("cdktf-brainwave/provisioner").runStep(process.argv[1]) } ' +
  'catch (e) { console.error(e.message + "\\nrun npm ci in the stack\'s project"); process.exit(1) }';

/**
 * Returns a provisioner that runs a step when the resource is created. Node.js runs it without a shell, so that no
 * character in a name or path has a special meaning, and resolves this package from the stack's folder upward, so that
 * the JSON contains no path of this machine.
 *
 * @param specification must not contain a secret: Terraform hides the output of a provisioner with a secret in its
 * environment
 * @internal
 */
export function createStep<N extends StepName>(
  name: N,
  specification: StepInput<N> | JsonTemplate<StepInput<N>>,
): LocalExecProvisioner {
  return step(name, typeof specification === 'string' ? specification : jsonTemplate(specification));
}

/** A step that runs at destroy, and the input that the resource stores for it. @internal */
export interface DestroyStep {
  readonly input: { readonly specification: string };
  readonly provisioner: LocalExecProvisioner;
}

/**
 * Returns a provisioner that runs a step when the resource is destroyed. In Terraform, it can reference only the resource
 * itself, so the resource must store the step's `input`.
 * @internal
 */
export function destroyStep<N extends StepName>(name: N, specification: StepInput<N>): DestroyStep {
  return {
    input: { specification: jsonTemplate(specification) },
    provisioner: { ...step(name, '${self.input.specification}'), when: 'destroy' },
  };
}

/** Secrets of a step as sensitive tokens. @internal */
export interface StepSecrets {
  readonly keys?: { readonly primaryKey: string; readonly secondaryKey: string } | undefined;
  /** PEM. */
  readonly certificate?: { readonly certificate: string; readonly privateKey: string } | undefined;
  /** JSON of a kubeconfig. */
  readonly kubeconfig?: string | undefined;
}

/**
 * Returns a provisioner that runs a step with secrets. Terraform hides its output and keeps the secrets out of the plan.
 * @internal
 */
export function secretStep<N extends StepName>(
  name: N,
  specification: StepInput<N>,
  { keys, certificate, kubeconfig }: StepSecrets,
): LocalExecProvisioner {
  const provisioner = createStep(name, specification);
  return {
    ...provisioner,
    environment: {
      ...provisioner.environment,
      ...(keys && {
        [STEP_VARIABLES.primaryKey]: keys.primaryKey,
        [STEP_VARIABLES.secondaryKey]: keys.secondaryKey,
      }),
      ...(certificate && {
        [STEP_VARIABLES.certificate]: certificate.certificate,
        [STEP_VARIABLES.privateKey]: certificate.privateKey,
      }),
      ...(kubeconfig !== undefined && { [STEP_VARIABLES.kubeconfig]: kubeconfig }),
    },
  };
}

/**
 * Returns a provisioner that writes secrets for the next step of the same resource, whose output Terraform then shows. If
 * that step fails and runs again, they are written again, too.
 * @param name name of the secrets, unique in the project
 * @internal
 */
export function writeSecretsStep(
  name: string,
  secrets: Pick<StepSecrets, 'keys' | 'kubeconfig'>,
): LocalExecProvisioner {
  return secretStep('write-secrets', { name }, secrets);
}

function step(name: StepName, specification: string): LocalExecProvisioner {
  const provisioner: LocalExecProvisioner & { quiet: boolean } = {
    type: 'local-exec',
    // The command is hidden, because it does not help a reader; the step prints its own lines. cdktf has no property for it.
    quiet: true,
    interpreter: ['node', '-e', RUN_STEP],
    command: name,
    environment: { [STEP_VARIABLES.specification]: specification },
  };
  return provisioner;
}
