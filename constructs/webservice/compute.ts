import type { Construct } from 'constructs';

import type { IRegisteredModel } from '../model/registered-model-reference';
import type { ApiKeysConfiguration } from '../tls-and-keys/api-keys';
import type { SslConfiguration } from '../tls-and-keys/ssl-settings';
import type { WebserviceEndpoint } from './webservice';

/** Specification of a web service, as passed to a compute. */
export interface WebserviceSpecification {
  readonly serviceName: string;
  readonly model: IRegisteredModel;
  /** @default - no TLS */
  readonly ssl?: SslConfiguration | undefined;
  /** @default - no keys */
  readonly keys?: ApiKeysConfiguration | undefined;
  readonly replicas: number;
  /** @default - the default of the scoring server */
  readonly maxInFlight?: number | undefined;
}

/**
 * A compute that runs web services. To add a compute, implement `bind`, which declares the resources that run the
 * specification and returns the address of the service. `LocalCompute` is the shortest example.
 */
export interface ICompute {
  /**
   * Declares the resources that run the specification.
   * @param scope the service, which owns the declared resources
   * @returns address and access of the service
   * @throws ConstructError if this compute cannot run the specification
   */
  bind(scope: Construct, specification: WebserviceSpecification): WebserviceEndpoint;
}
