import type { Construct } from 'constructs';

import { ConstructError } from '../validation/construct-error';

/**
 * Requires the names of an entry script's environment variables to be such as a process can have, and none that what
 * starts the script sets itself: the user's value would be lost, or would take the place of what the script needs.
 * @param property what the user set
 * @param taken names, each with what to do in place of setting it
 * @throws ConstructError
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
        `${property} has a variable "${name}"; expected letters, digits and "_", not beginning with a digit`,
      );
    }
    const remedy = taken.get(name);
    if (remedy !== undefined) {
      throw new ConstructError(
        scope,
        `${property} has ${name}, which is set for the script already; ${remedy}`,
      );
    }
  }
}
