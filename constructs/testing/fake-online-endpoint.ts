import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import { nameFromPath } from '../azure/derived-name';
import type { IOnlineEndpoint } from '../online-endpoint/online-endpoint-reference';
import { TerraformData } from '../terraform/terraform-data';
import { fakeKeys } from './fake-keys';

/** Properties of a fake endpoint. */
export interface FakeOnlineEndpointProps {
  /** @default - derived from the construct's path */
  readonly endpointName?: string | undefined;
  /** @default 'https://scoring.example.com/score' */
  readonly scoringUri?: string | undefined;
}

/** An online endpoint that is declared but never runs, like `FakeWebservice`. */
export class FakeOnlineEndpoint extends Construct implements IOnlineEndpoint {
  readonly endpointName: string;
  readonly scoringUri: string;
  readonly primaryKey: string;
  readonly secondaryKey: string;
  readonly revision: string;
  readonly dependables: ITerraformDependable[];
  /** Resources that exist when the endpoint is ready. */
  readonly resource: TerraformData;

  constructor(scope: Construct, id: string, props: FakeOnlineEndpointProps = {}) {
    super(scope, id);
    const { primaryKey, secondaryKey } = fakeKeys(this);
    this.endpointName = props.endpointName ?? nameFromPath(this);
    this.scoringUri = props.scoringUri ?? 'https://scoring.example.com/score';
    this.primaryKey = primaryKey;
    this.secondaryKey = secondaryKey;
    this.resource = new TerraformData(this, 'Fake');
    this.revision = this.resource.id;
    this.dependables = [this.resource];
  }
}
