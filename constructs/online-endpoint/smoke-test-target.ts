import type { EndpointTarget } from '../../lib/smoke-test/parse-options';
import type { IOnlineEndpoint } from './online-endpoint-reference';

/** Returns how a smoke test calls an online endpoint. @internal */
export function endpointTarget(endpoint: IOnlineEndpoint): EndpointTarget {
  const { scoringUri, address, rootCertificateFile, keyFile } = endpoint;
  return { scoringUri, connectTo: address, rootCertificateFile, keyFile };
}
