import { TerraformStack } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';

const declared = new WeakMap<TerraformStack, Map<string, IConstruct>>();

/**
 * Returns the construct that the constructs of a stack share under an id. The first call declares it.
 * @param scope construct whose stack the shared construct belongs to
 * @param id id of the shared construct in the stack
 * @param declare declares the construct, directly in the stack
 * @internal
 */
export function oncePerStack<Shared extends IConstruct>(
  scope: Construct,
  id: string,
  declare: (stack: TerraformStack, id: string) => Shared,
): Shared {
  const stack = TerraformStack.of(scope);
  const shared = declared.get(stack) ?? new Map<string, IConstruct>();
  declared.set(stack, shared);
  const existing = shared.get(id) as Shared | undefined;
  const construct = existing ?? declare(stack, id);
  shared.set(id, construct);
  return construct;
}
