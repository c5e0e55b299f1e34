import type { ITerraformDependable } from 'cdktf';
import type { IConstruct } from 'constructs';

/** A scoring service over HTTP: `POST` of JSON with `Authorization: Bearer <key>`. */
export interface IOnlineEndpoint extends IConstruct {
  readonly endpointName: string;
  /** Where to post: `https://…/score`. */
  readonly scoringUri: string;
  /**
   * The IP address to connect to, where that is not what the host name of `scoringUri` leads to: a name that a certificate
   * of this machine is for need not be in the DNS.
   * @default - what the host name leads to
   */
  readonly address?: string | undefined;
  /**
   * A sensitive token.
   * @default - the keys are in a file
   */
  readonly primaryKey?: string | undefined;
  /**
   * A sensitive token.
   * @default - the keys are in a file
   */
  readonly secondaryKey?: string | undefined;
  /**
   * JSON `{"primaryKey","secondaryKey"}` that is there at apply, relative to the project's folder.
   * @default - the keys are the tokens above
   */
  readonly keyFile?: string | undefined;
  /**
   * PEM, there at apply, relative to the project's folder: what clients trust beside the public roots.
   * @default - the public roots
   */
  readonly rootCertificateFile?: string | undefined;
  /** Changes when what answers there does: model, code, environment, traffic. */
  readonly revision: string;
  /** What exists when the endpoint answers. */
  readonly dependables: ITerraformDependable[];
}

/** A deployment of an online endpoint. */
export interface IOnlineDeployment extends IConstruct {
  readonly deploymentName: string;
  /** What exists when the deployment runs. */
  readonly resource: ITerraformDependable;
}
