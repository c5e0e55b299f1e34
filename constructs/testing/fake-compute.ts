import type { Construct } from 'constructs';

import type { ICompute, WebserviceSpecification } from '../webservice/compute';
import { TerraformData } from '../terraform/terraform-data';
import type { WebserviceEndpoint } from '../webservice/webservice';
import { fakeKeys } from './fake-keys';

/** Of the block that is set aside for documentation (RFC 5737): it answers nowhere. */
export const FAKE_ADDRESS = '203.0.113.7';

/**
 * A compute on which nothing runs: it notes what web services ask of it, and answers with an address that is nobody's. A
 * test of your own stack needs no cluster with it, no image and no provider.
 */
export class FakeCompute implements ICompute {
  /** What each web service asked for, in the order of their declaration. */
  readonly specifications: WebserviceSpecification[] = [];

  bind(scope: Construct, specification: WebserviceSpecification): WebserviceEndpoint {
    this.specifications.push(specification);
    const { serviceName, ssl, keys, model } = specification;
    const resource = new TerraformData(scope, 'Fake', {
      triggersReplace: { serviceName, model: `${model.modelName}:${model.modelVersion}` },
    });
    return {
      address: FAKE_ADDRESS,
      port: ssl ? 443 : 80,
      hostname: ssl?.hostname,
      ...(ssl && keys && fakeKeys(scope)),
      revision: resource.id,
      dependables: [resource],
    };
  }
}
