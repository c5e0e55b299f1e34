import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import { nameFromPath } from '../azure/derived-name';
import type { IRegisteredModel } from '../model/registered-model-reference';
import { ClientPrerequisites } from '../webservice/client-prerequisites';
import { TerraformData } from '../terraform/terraform-data';
import type { IWebservice, WebserviceEndpoint } from '../webservice/webservice';
import { FAKE_ADDRESS } from './fake-compute';
import { fakeKeys } from './fake-keys';

/** What the fake web service claims to be. */
export interface FakeWebserviceProps {
  /** @default - made of the construct's path */
  readonly serviceName?: string | undefined;
  /** @default '203.0.113.7', which is nobody's */
  readonly ipAddress?: string | undefined;
  /** @default 443 with TLS, 80 without */
  readonly port?: number | undefined;
  /**
   * The name of its certificate.
   * @default 'scoring.example.com'
   */
  readonly hostname?: string | undefined;
  /**
   * Whether it has TLS, and so keys.
   * @default true
   */
  readonly tls?: boolean | undefined;
  /** @default - not known */
  readonly model?: IRegisteredModel | undefined;
}

/**
 * A web service that is declared and never runs, for tests of stacks that use one: its keys are sensitive variables, and
 * one `terraform_data`, `resource`, is all of it that there is to depend on.
 */
export class FakeWebservice extends Construct implements IWebservice {
  readonly serviceName: string;
  readonly endpoint: WebserviceEndpoint;
  readonly model?: IRegisteredModel | undefined;
  /** What exists when it answers. */
  readonly resource: TerraformData;
  private readonly prerequisites = new ClientPrerequisites();

  constructor(scope: Construct, id: string, props: FakeWebserviceProps = {}) {
    super(scope, id);
    const { ipAddress = FAKE_ADDRESS, tls = true, hostname = 'scoring.example.com' } = props;
    this.serviceName = props.serviceName ?? nameFromPath(this);
    this.model = props.model;
    this.resource = new TerraformData(this, 'Fake');
    this.endpoint = {
      address: ipAddress,
      port: props.port ?? (tls ? 443 : 80),
      ...(tls && { hostname, ...fakeKeys(this) }),
      revision: this.resource.id,
      dependables: [this.resource],
    };
  }

  get clientPrerequisites(): ITerraformDependable[] {
    return this.prerequisites.all;
  }

  addClientPrerequisite(prerequisite: ITerraformDependable): void {
    this.prerequisites.add(prerequisite);
  }
}
