import { Fn, TerraformProvider, TerraformStack, Token } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';

import { Password, RandomProvider } from '../bindings/random';
import { ConstructError } from '../validation/construct-error';
import type { ApiKeysConfiguration } from './api-keys';
import { sensitiveToken } from './secret-value';

/** Keys of a web service as Terraform values. */
export interface ProvidedKeys {
  /** A sensitive token. */
  readonly primaryKey: string;
  /** A sensitive token. */
  readonly secondaryKey: string;
  /** Changes when a key does, and reveals nothing about it. A sensitive token if it is a digest of the keys. */
  readonly revision: string;
  /**
   * Resource that generates the primary key.
   * @default - the key is not generated
   */
  readonly primaryPassword?: Password | undefined;
  /**
   * Resource that generates the secondary key.
   * @default - the key is not generated
   */
  readonly secondaryPassword?: Password | undefined;
}

/** Letters and digits: 285 bits, and no character that must be escaped in metadata, a shell or a file. */
const KEY_LENGTH = 48;

/**
 * Returns the keys as Terraform values: the provided keys, or two generated keys that are stored in the state. A key is
 * generated again when its rotation changes.
 * @internal
 */
export function provideKeys(scope: Construct, keys: ApiKeysConfiguration): ProvidedKeys {
  const { generated, primaryKey, secondaryKey } = keys;
  if (generated) {
    provideRandom(scope);
    const { primaryRotation, secondaryRotation } = generated;
    const primary = password(scope, 'PrimaryKey', primaryRotation);
    const secondary = password(scope, 'SecondaryKey', secondaryRotation);
    const values = [sensitiveToken(primary.result), sensitiveToken(secondary.result)] as const;
    return {
      primaryKey: values[0],
      secondaryKey: values[1],
      revision: digestOf(values),
      primaryPassword: primary,
      secondaryPassword: secondary,
    };
  }
  if (primaryKey === undefined || secondaryKey === undefined) {
    throw new ConstructError(
      scope,
      'its keys are neither generated nor provided; use ApiKeys.generated(), fromVariables(…) or fromKeyVaultSecrets(…)',
    );
  }
  return { primaryKey, secondaryKey, revision: keys.revision ?? digestOf([primaryKey, secondaryKey]) };
}

function digestOf(keys: readonly string[]): string {
  return Token.asString(Fn.sha256(Fn.join('\n', [...keys])));
}

function password(scope: Construct, id: string, rotation: string): Password {
  return new Password(scope, id, { length: KEY_LENGTH, special: false, keepers: { rotation } });
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
