import type { AzureSimulator } from './simulator/azure-simulator';

/** A text of the program's files and what a user replaces it with. */
export interface Edit {
  /** Relative to the program's folder. */
  readonly file: string;
  /** Must occur exactly once. */
  readonly text: string;
  readonly replacement: string;
}

/** What a scenario synthesizes: an example, or a program of `stacks/`. */
export interface Program {
  /** Relative to the repository. */
  readonly folder: string;
  /** @default 'main.ts' */
  readonly file?: string;
}

/** What is given to a program and to Terraform, beside the program itself. */
export interface Inputs {
  /** Environment variables of the program. @default - none */
  readonly env?: Readonly<Record<string, string>>;
  /** Terraform variables. @default - none */
  readonly variables?: Readonly<Record<string, string>>;
}

/** A change that a user makes, which one apply must bring about. */
export interface Change extends Inputs {
  readonly name: string;
  /** @default - the program stays as it is */
  readonly edits?: readonly Edit[];
  /** What somebody else changes in Azure, such as a renewed certificate. @default - nothing */
  readonly inAzure?: (azure: AzureSimulator) => void;
  /** The stacks to apply, in this order. @default - all */
  readonly stacks?: readonly string[];
  /** Types of resources of which at least one must be updated in place. @default - none */
  readonly updates?: readonly string[];
  /** Whether the smoke tests must run again. @default true */
  readonly smokeTest?: boolean;
  /** Whether there is nothing to apply. @default false */
  readonly changesNothing?: boolean;
  /** Whether a service changes, as `plan-impact` must say, and not only what surrounds it. @default true */
  readonly changesService?: boolean;
  /** Whether calls are lost meanwhile, as `plan-impact` must say. @default false */
  readonly losesCalls?: boolean;
  /** Types of `KEPT_TYPES` that this change may replace or remove all the same. @default - none */
  readonly mayReplace?: readonly string[];
}

/** A program with the stacks that it declares, and what is done with them. */
export interface Scenario extends Inputs {
  readonly name: string;
  readonly program: Program;
  /** In the order in which they are applied. */
  readonly stacks: readonly string[];
  /** Adds what its README expects to exist, beside what all of them expect. @default - nothing */
  readonly prepare?: (azure: AzureSimulator) => void;
  readonly changes: readonly Change[];
  /** Whether states and plans must contain no value of any vault. @default false */
  readonly keepsSecretsOut?: boolean;
}

/** Types of resources that no change may replace or remove: clients would notice, or data would be lost. */
export const KEPT_TYPES: ReadonlySet<string> = new Set([
  'azapi_resource',
  'azurerm_container_registry',
  'azurerm_dns_a_record',
  'azurerm_key_vault',
  'azurerm_kubernetes_cluster',
  'azurerm_kubernetes_cluster_node_pool',
  'azurerm_lb',
  'azurerm_linux_virtual_machine_scale_set',
  'azurerm_private_dns_a_record',
  'azurerm_public_ip',
  'azurerm_resource_group',
  'azurerm_storage_account',
  'azurerm_virtual_network',
  'kubernetes_deployment_v1',
  'kubernetes_namespace_v1',
  'kubernetes_service_v1',
]);
