import type { TerraformMetaArguments } from 'cdktf';

import type { KnownKeys } from '../../lib/validation/known-keys';

/** Arguments that every resource and data source accepts. @internal */
export const META_ARGUMENTS: KnownKeys<TerraformMetaArguments> = {
  count: true,
  dependsOn: true,
  forEach: true,
  connection: true,
  lifecycle: true,
  provider: true,
  provisioners: true,
};
