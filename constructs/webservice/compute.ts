import type { Construct } from 'constructs';

import type { IRegisteredModel } from '../model/registered-model-reference';
import type { ApiKeysConfiguration } from '../tls-and-keys/api-keys';
import type { SslConfiguration } from '../tls-and-keys/ssl-settings';
import type { WebserviceEndpoint } from './webservice';

/** What a web service asks of a compute. */
export interface WebserviceSpecification {
  readonly serviceName: string;
  readonly model: IRegisteredModel;
  /** @default - no TLS */
  readonly ssl?: SslConfiguration | undefined;
  /** @default - no keys */
  readonly keys?: ApiKeysConfiguration | undefined;
  readonly replicas: number;
  /** @default - the scoring server's */
  readonly maxInFlight?: number | undefined;
}

/**
 * Where a web service runs. A new one implements `bind`: it declares, in `scope`, what runs the specification,
 * and says where that answers. `LocalCompute` is the shortest example.
 */
export interface ICompute {
  /**
   * Declares what runs the specification.
   * @param scope the service: what is declared in it is its own
   * @returns where it answers
   * @throws ConstructError where this compute cannot run it
   */
  bind(scope: Construct, specification: WebserviceSpecification): WebserviceEndpoint;
}
