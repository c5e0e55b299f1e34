import type { ITerraformDependable } from 'cdktf';
import type { IConstruct } from 'constructs';

import type { EndpointTarget } from '../../lib/smoke-test/parse-options';

/** A scoring service over HTTP: `POST` of JSON with `Authorization: Bearer <key>`. */
export interface IOnlineEndpoint extends IConstruct {
  readonly endpointName: string;
  /** URL for requests: `https://…/score`. */
  readonly scoringUri: string;
  /**
   * IP address to connect to, if the host name of `scoringUri` does not resolve to it. The host name of a local certificate
   * does not have to be in the DNS.
   * @default - the address to which the host name resolves
   */
  readonly address?: string | undefined;
  /**
   * Primary key, a sensitive token.
   * @default - the keys are in a file
   */
  readonly primaryKey?: string | undefined;
  /**
   * Secondary key, a sensitive token.
   * @default - the keys are in a file
   */
  readonly secondaryKey?: string | undefined;
  /**
   * Key file that exists at apply, relative to the project's folder: JSON `{"primaryKey","secondaryKey"}`.
   * @default - the keys are the tokens above
   */
  readonly keyFile?: string | undefined;
  /**
   * PEM file that exists at apply, relative to the project's folder: root certificates that clients trust in addition to
   * the public ones.
   * @default - only the public root certificates
   */
  readonly rootCertificateFile?: string | undefined;
  /** Value that changes when the deployment changes: the model, the code, the environment or the traffic. */
  readonly revision: string;
  /** Resources that exist when the endpoint is ready. */
  readonly dependables: ITerraformDependable[];
}

/** Returns how a smoke test calls an online endpoint. @internal */
export function endpointTarget(endpoint: IOnlineEndpoint): EndpointTarget {
  const { scoringUri, address, rootCertificateFile, keyFile } = endpoint;
  return { scoringUri, connectTo: address, rootCertificateFile, keyFile };
}

/** A deployment of an online endpoint. */
export interface IOnlineDeployment extends IConstruct {
  readonly deploymentName: string;
  /** Resources that exist when the deployment is running. */
  readonly dependables: ITerraformDependable[];
}
