import { Token } from 'cdktf';
import type { Construct } from 'constructs';

import { ConstructError } from '../validation/construct-error';

/**
 * Requires an asset's name to be one that Azure ML takes.
 * Source: "Code Versions - Create Or Update" of Azure ML's REST reference.
 * @param what the property
 * @internal
 */
export function requireAssetName(scope: Construct, what: string, value: string): void {
  requirePattern(scope, what, value, /^[A-Za-z0-9][A-Za-z0-9_-]{0,254}$/, '"-" and "_"');
}

/**
 * Requires an asset's version to be one that fits into its ARM id.
 * @internal
 */
export function requireAssetVersion(scope: Construct, what: string, value: string): void {
  requirePattern(scope, what, value, /^[A-Za-z0-9][A-Za-z0-9_.-]{0,254}$/, '"-", "_" and "."');
}

function requirePattern(scope: Construct, what: string, value: string, pattern: RegExp, signs: string): void {
  if (!Token.isUnresolved(value) && !pattern.test(value)) {
    throw new ConstructError(
      scope,
      `${what} is "${value}"; expected 1 to 255 letters, digits, ${signs}, beginning with a letter or a digit`,
    );
  }
}
