import type { StepInput } from '../../lib/contract/steps';
import type { IOnlineEndpoint } from './online-endpoint-reference';

/** How a smoke test calls an online endpoint. @internal */
export function endpointTarget(endpoint: IOnlineEndpoint): StepInput<'smoke-test'>['test']['target'] {
  const { scoringUri, address, rootCertificateFile, keyFile } = endpoint;
  return { scoringUri, connectTo: address, rootCertificateFile, keyFile };
}
