import type { Construct } from 'constructs';

import { defaultPort } from '../../lib/connection/default-port';
import type { ICompute, WebserviceSpecification } from '../webservice/compute';
import { TerraformData } from '../terraform/terraform-data';
import type { WebserviceEndpoint } from '../webservice/webservice';
import { fakeKeys } from './fake-keys';

/** Address of a block reserved for documentation, which is never assigned. @see https://www.rfc-editor.org/rfc/rfc5737 */
export const FAKE_ADDRESS = '203.0.113.7';

/**
 * A compute that runs nothing. It records the specifications of web services and returns a reserved address, so that tests
 * of your stacks need no cluster, image or provider.
 */
export class FakeCompute implements ICompute {
  /** Specifications of the web services, in the order of declaration. */
  readonly specifications: WebserviceSpecification[] = [];

  bind(scope: Construct, specification: WebserviceSpecification): WebserviceEndpoint {
    this.specifications.push(specification);
    const { serviceName, ssl, keys, model } = specification;
    const resource = new TerraformData(scope, 'Fake', {
      triggersReplace: { serviceName, model: `${model.modelName}:${model.modelVersion}` },
    });
    return {
      address: FAKE_ADDRESS,
      port: defaultPort(ssl !== undefined),
      hostname: ssl?.hostname,
      ...(ssl && keys && fakeKeys(scope)),
      revision: resource.id,
      dependables: [resource],
    };
  }
}
