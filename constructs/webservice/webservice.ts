import type { ITerraformDependable } from 'cdktf';
import type { IConstruct } from 'constructs';
import type { IRegisteredModel } from '../model/registered-model-reference';

/** Where a web service answers, and how clients may call it. */
export interface WebserviceEndpoint {
  /** The IP address. */
  readonly address: string;
  readonly port: number;
  /**
   * The name that clients check the certificate against.
   * @default - no TLS
   */
  readonly hostname?: string | undefined;
  /**
   * JSON `{"primaryKey","secondaryKey"}` that is there at apply, relative to the project's folder.
   * @default - the keys are the tokens below, or there are none
   */
  readonly keyFile?: string | undefined;
  /**
   * A sensitive token.
   * @default - the keys are in a file, or there are none
   */
  readonly primaryKey?: string | undefined;
  /**
   * A sensitive token.
   * @default - the keys are in a file, or there are none
   */
  readonly secondaryKey?: string | undefined;
  /**
   * PEM, there at apply, relative to the project's folder: what clients trust beside the public roots.
   * @default - the public roots
   */
  readonly rootCertificateFile?: string | undefined;
  /**
   * Where a change reaches the machines only after Terraform has made it: what a smoke test waits for, so that it does
   * not test what was there before.
   * @default - what answers after the deployment is what was deployed
   */
  readonly rollout?: WebserviceRollout | undefined;
  /** Changes when what answers there does: model, keys, certificate, address. */
  readonly revision: string;
  /** What exists when the service answers. */
  readonly dependables: ITerraformDependable[];
}

/** A change on its way to the machines of a service. */
export interface WebserviceRollout {
  /** The model version that they are to serve. */
  readonly modelVersion: string;
  /** New connections that must meet it one after the other. */
  readonly connections: number;
  /** How long it may take. */
  readonly timeoutSeconds: number;
}

/** A scoring web service. */
export interface IWebservice extends IConstruct {
  readonly serviceName: string;
  readonly endpoint: WebserviceEndpoint;
  /**
   * What it scores with.
   * @default - not known to the stack
   */
  readonly model?: IRegisteredModel | undefined;
  /** What stands between the service and its clients, such as DNS records. A smoke test runs after it. */
  readonly clientPrerequisites: ITerraformDependable[];

  /** Adds to `clientPrerequisites`, also after a smoke test was declared. */
  addClientPrerequisite(prerequisite: ITerraformDependable): void;
}
