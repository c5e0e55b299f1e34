import type { Construct } from 'constructs';

import type { IRegisteredModel } from '../model/registered-model-reference';
import type { ApiKeysConfiguration } from '../tls-and-keys/api-keys';
import type { SslConfiguration } from '../tls-and-keys/ssl-settings';
import type { WebserviceEndpoint } from './webservice';

/** Specification of a web service, as passed to a compute. */
export interface WebserviceSpecification {
  /** 1 to 128 letters, digits and hyphens. May be a token. */
  readonly serviceName: string;
  /**
   * Model to serve. Its `serviceDefinition` is set if the stack declares the model; `location` says where the model is
   * registered, and `location.revision` changes with the content of the model.
   */
  readonly model: IRegisteredModel;
  /** Certificate. A compute rejects a source that it cannot serve. @default - no TLS */
  readonly ssl?: SslConfiguration | undefined;
  /**
   * Keys of the callers. The server checks them only under TLS, so the endpoint of a service without `ssl` has none.
   * @default - no keys
   */
  readonly keys?: ApiKeysConfiguration | undefined;
  /** Number of replicas, at least 1. A compute rejects a number that it cannot run. May be a token. */
  readonly replicas: number;
  /** Calls in flight per replica. @default - the default of the scoring server */
  readonly maxInFlight?: number | undefined;
  /** Origins of the pages that may call from a browser. @default - none */
  readonly allowedOrigins?: string[] | undefined;
}

/**
 * A compute that runs web services. To add a compute, implement `bind`, which declares the resources that run the
 * specification and returns the address of the service. `LocalCompute` is the shortest example, and
 * `docs/computes.md` has one of your own.
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
