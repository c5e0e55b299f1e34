/** What a check found: `passed`; `note`, which stands in nobody's way; `failed`, which will. */
export type Outcome = 'passed' | 'note' | 'failed';

/** One line of what the doctor says. */
export interface Finding {
  /** The check's name, such as `terraform`. */
  readonly check: string;
  readonly outcome: Outcome;
  /** What is there, and what was expected where that is another. */
  readonly finding: string;
  /** How to mend it. */
  readonly remedy?: string | undefined;
}

/** What the checks look at. */
export interface DoctorOptions {
  /** The folder whose `node_modules`, or one above it, a stack's program imports from. */
  readonly projectFolder: string;
  /** Variables: PATH, and what Terraform and its providers read. */
  readonly env: NodeJS.ProcessEnv;
  /** The port on 127.0.0.1 that a local service is to have. */
  readonly port: number;
  /**
   * The region to deploy to. Where it is given, a login to Azure is expected, and not just looked for.
   * @default - no quota is looked at
   */
  readonly location?: string | undefined;
  /** Of virtual machines, as `az vm list-usage` names it: `Standard NCASv3_T4 Family`. */
  readonly vmFamily: string;
  /** vCPUs of the family that are to be free. */
  readonly cores: number;
  /** `host` or `host:port` whose HTTPS answers say what time it is. */
  readonly timeHost: string;
}

/** Looks at one thing. Never throws for what it finds. */
export type Check = (options: DoctorOptions) => Promise<readonly Finding[]>;
