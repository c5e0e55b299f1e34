import type { Construct } from 'constructs';

import { ConstructError } from '../validation/construct-error';

/**
 * Requires that the names of an entry script's environment variables are valid and not reserved. Variables that the
 * endpoint sets for the script are reserved: the user's value would be lost or replace a required value.
 * @param property name of the property
 * @param taken reserved names, each with an explanation
 * @throws ConstructError if a name is invalid or reserved
 * @internal
 */
export function requireScriptVariables(
  scope: Construct,
  property: string,
  variables: Readonly<Record<string, string>>,
  taken: ReadonlyMap<string, string>,
): void {
  for (const name of Object.keys(variables)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new ConstructError(
        scope,
        `${property} has a variable "${name}"; expected letters, digits and "_", not starting with a digit`,
      );
    }
    const remedy = taken.get(name);
    if (remedy !== undefined) {
      throw new ConstructError(
        scope,
        `${property} has ${name}, which the endpoint sets for the script; remove it (${remedy})`,
      );
    }
  }
}
