/** Outcome of a check: `passed`, `note` (does not prevent a deployment) or `failed` (does). */
export type Outcome = 'passed' | 'note' | 'failed';

/** One line of the doctor's report. */
export interface Finding {
  /** Name of the check, such as `terraform`. */
  readonly check: string;
  readonly outcome: Outcome;
  /** Value found, and value expected if it differs. */
  readonly finding: string;
  /** How to fix it. */
  readonly remedy?: string | undefined;
}

/** Subject of the checks. */
export interface DoctorOptions {
  /** Folder of the project. Packages resolve from its `node_modules` or those of its parent folders. */
  readonly projectFolder: string;
  /** Environment variables: PATH and those that Terraform and its providers read. */
  readonly env: NodeJS.ProcessEnv;
  /**
   * Port on 127.0.0.1 for a local service.
   * @default - those of the synthesized stacks, or 50051 if no stack declares one
   */
  readonly port?: number | undefined;
  /**
   * Azure region to deploy to. If given, an Azure login is required.
   * @default - quota is not checked
   */
  readonly location?: string | undefined;
  /** VM family in the spelling of `az vm list-usage`: `Standard NCASv3_T4 Family`. */
  readonly vmFamily: string;
  /** Required number of available vCPUs in the family. */
  readonly cores: number;
  /** `host` or `host:port` of an HTTPS server whose `Date` header is compared with the clock. */
  readonly timeHost: string;
}

/** A single check. Reports problems as findings and never throws for them. */
export type Check = (options: DoctorOptions) => Promise<readonly Finding[]>;
