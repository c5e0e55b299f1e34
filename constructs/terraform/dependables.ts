import { TerraformStack, type ITerraformDependable } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';

/**
 * Returns whether two constructs are in one stack, so that Terraform can make one wait for the other.
 * @internal
 */
export function isInSameStack(left: IConstruct, right: IConstruct): boolean {
  return TerraformStack.of(left) === TerraformStack.of(right);
}

/**
 * Returns the dependencies that a resource in this scope can have. `depends_on` cannot reference a resource in another
 * stack, so a dependency between the stacks is added instead.
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
