import { TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';
import { sensitiveToken } from '../terraform/secret-value';

/** A pair of keys like those of a service: sensitive and unknown at synth. @internal */
export interface FakeKeys {
  readonly primaryKey: string;
  readonly secondaryKey: string;
}

/** @internal */
export function fakeKeys(scope: Construct): FakeKeys {
  const key = (id: string) =>
    sensitiveToken(
      new TerraformVariable(scope, id, { type: 'string', sensitive: true, nullable: false }).stringValue,
    );
  return { primaryKey: key('PrimaryKey'), secondaryKey: key('SecondaryKey') };
}
