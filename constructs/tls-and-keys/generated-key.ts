import { TerraformProvider, TerraformStack } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';

import { Password, RandomProvider } from '../bindings/random';
import { EphemeralResource } from '../terraform/ephemeral-resource';

/** Letters and digits: 285 bits, and no character that must be escaped in metadata, a shell or a file. */
const KEY_LENGTH = 48;

/**
 * Declares a key that is stored in the state, and generated again when its rotation changes.
 * @internal
 */
export function storedKey(scope: Construct, id: string, rotation: string): Password {
  provideRandom(scope);
  return new Password(scope, id, { length: KEY_LENGTH, special: false, keepers: { rotation } });
}

/**
 * Returns a key that Terraform generates whenever it plans or applies, and never stores.
 * @internal
 */
export function ephemeralKey(scope: Construct, id: string): string {
  provideRandom(scope);
  return new EphemeralResource(scope, id, {
    type: 'random_password',
    attributes: { length: KEY_LENGTH, special: false },
  }).getStringAttribute('result');
}

const withProvider = new WeakSet<TerraformStack>();

function isRandomProvider(construct: IConstruct): boolean {
  return TerraformProvider.isTerraformProvider(construct) && construct.terraformResourceType === 'random';
}

/** Declares the provider if the stack has none: it has no settings that a user would choose. */
function provideRandom(scope: Construct): void {
  const stack = TerraformStack.of(scope);
  // Searching a large stack for each of its services takes longer than declaring them.
  if (withProvider.has(stack)) {
    return;
  }
  withProvider.add(stack);
  if (!stack.node.findAll().some(isRandomProvider)) {
    new RandomProvider(stack, 'random');
  }
}
