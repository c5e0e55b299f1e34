import type { Construct } from 'constructs';

import { defaultPort } from '../../lib/connection/default-port';
import { nameFromPath } from '../azure/derived-name';
import type { IRegisteredModel } from '../model/registered-model-reference';
import { TerraformData } from '../terraform/terraform-data';
import type { WebserviceEndpoint } from '../webservice/webservice';
import { WebserviceBase } from '../webservice/webservice-base';
import { FAKE_ADDRESS } from './fake-compute';
import { fakeKeys } from './fake-keys';

/** Properties of a fake web service. */
export interface FakeWebserviceProps {
  /** @default - derived from the construct's path */
  readonly serviceName?: string | undefined;
  /** @default '203.0.113.7', a reserved address */
  readonly ipAddress?: string | undefined;
  /** @default 443 with TLS, 80 without */
  readonly port?: number | undefined;
  /**
   * Host name in the certificate.
   * @default 'scoring.example.com'
   */
  readonly hostname?: string | undefined;
  /**
   * Whether the service has TLS, and therefore keys.
   * @default true
   */
  readonly tls?: boolean | undefined;
  /** @default - unknown */
  readonly model?: IRegisteredModel | undefined;
}

/**
 * A web service that is declared but never runs, for tests of stacks that use one. Its keys are sensitive variables, and
 * its only dependable is the `terraform_data` in `resource`.
 */
export class FakeWebservice extends WebserviceBase {
  readonly serviceName: string;
  readonly endpoint: WebserviceEndpoint;
  readonly model?: IRegisteredModel | undefined;
  /** Resources that exist when the service is ready. */
  readonly resource: TerraformData;

  constructor(scope: Construct, id: string, props: FakeWebserviceProps = {}) {
    super(scope, id);
    const { ipAddress = FAKE_ADDRESS, tls = true, hostname = 'scoring.example.com' } = props;
    this.serviceName = props.serviceName ?? nameFromPath(this);
    this.model = props.model;
    this.resource = new TerraformData(this, 'Fake');
    this.endpoint = {
      address: ipAddress,
      port: props.port ?? defaultPort(tls),
      ...(tls && { hostname, ...fakeKeys(this) }),
      revision: this.resource.id,
      dependables: [this.resource],
    };
  }
}
