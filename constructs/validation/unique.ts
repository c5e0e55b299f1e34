import { TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';

import { isSameValue } from './synth-value';

interface Claim {
  readonly scope: IConstruct;
  readonly key: readonly string[];
}

const claims = new WeakMap<IConstruct, Claim[]>();

/**
 * Makes synth reject a second construct with the same key, in any stack of the app.
 * @param key parts that together must be unique, constants before tokens: `['models', 'resnet50', workspaceId]`
 * @param problem describes the conflict with another construct: finding and remedy, without the path; `undefined` if the
 * two can coexist
 * @param subject construct that the message names, if not `scope`
 * @internal
 */
export function requireUnique(
  scope: IConstruct,
  key: readonly string[],
  problem: (other: IConstruct) => string | undefined,
  subject: IConstruct = scope,
): void {
  const { root } = scope.node;
  const all = claims.get(root) ?? [];
  claims.set(root, all);
  const own = { scope, key };
  const earlier = all.length;
  all.push(own);
  scope.node.addValidation({
    validate: () =>
      all
        // One report per pair and stack, because stacks are validated separately.
        .filter(
          (other, index) =>
            other !== own &&
            (index < earlier || TerraformStack.of(other.scope) !== TerraformStack.of(scope)) &&
            isSameKey(scope, own.key, other.key),
        )
        .flatMap((other) => problem(other.scope) ?? [])
        .map((message) => `${subject.node.path}: ${message}`),
  });
}

function isSameKey(scope: IConstruct, left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((part, index) => isSameValue(scope, part, right[index]));
}
