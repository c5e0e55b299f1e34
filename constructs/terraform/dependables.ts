import { TerraformStack, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

/**
 * What a resource in this scope can depend on. `depends_on` reaches nothing in another stack: the stacks are
 * put in order instead.
 * @internal
 */
export function dependablesFor(
  scope: Construct,
  dependables: readonly ITerraformDependable[],
): ITerraformDependable[] {
  const stack = TerraformStack.of(scope);
  return dependables.filter((dependable) => {
    const other = Construct.isConstruct(dependable) ? TerraformStack.of(dependable) : stack;
    if (other !== stack) {
      stack.addDependency(other);
    }
    return other === stack;
  });
}
