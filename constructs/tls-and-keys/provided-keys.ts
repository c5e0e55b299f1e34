import { Password } from '@cdktf/provider-random/lib/password';
import { RandomProvider } from '@cdktf/provider-random/lib/provider';
import { TerraformProvider, TerraformStack } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';

import { ConstructError } from '../validation/construct-error';
import type { ApiKeysConfiguration } from './api-keys';
import { sensitiveToken } from './secret-value';

/** The two keys as Terraform values. */
export interface ProvidedKeys {
  /** A sensitive token. */
  readonly primaryKey: string;
  /** A sensitive token. */
  readonly secondaryKey: string;
  /**
   * What makes the primary key.
   * @default - it is given
   */
  readonly primaryPassword?: Password | undefined;
  /**
   * What makes the secondary key.
   * @default - it is given
   */
  readonly secondaryPassword?: Password | undefined;
}

/** Letters and digits: 285 bits, and nothing that metadata, a shell or a file would have to escape. */
const KEY_LENGTH = 48;

/**
 * The keys as Terraform values: those that are given, or two that are made and kept in the state, each made anew
 * when its rotation id changes.
 * @internal
 */
export function provideKeys(scope: Construct, keys: ApiKeysConfiguration): ProvidedKeys {
  const { generated, primaryKey, secondaryKey } = keys;
  if (generated) {
    provideRandom(scope);
    const { primaryRotation, secondaryRotation } = generated;
    const primary = password(scope, 'PrimaryKey', primaryRotation);
    const secondary = password(scope, 'SecondaryKey', secondaryRotation);
    return {
      primaryKey: sensitiveToken(primary.result),
      secondaryKey: sensitiveToken(secondary.result),
      primaryPassword: primary,
      secondaryPassword: secondary,
    };
  }
  if (primaryKey === undefined || secondaryKey === undefined) {
    throw new ConstructError(
      scope,
      'its keys are neither generated nor given; use ApiKeys.generated(), fromVariables(…) or fromKeyVaultSecrets(…)',
    );
  }
  return { primaryKey, secondaryKey };
}

function password(scope: Construct, id: string, rotation: string): Password {
  return new Password(scope, id, { length: KEY_LENGTH, special: false, keepers: { rotation } });
}

const withProvider = new WeakSet<TerraformStack>();

function isRandomProvider(construct: IConstruct): boolean {
  return TerraformProvider.isTerraformProvider(construct) && construct.terraformResourceType === 'random';
}

/** The provider has no settings: a stack that has none yet need not declare it. */
function provideRandom(scope: Construct): void {
  const stack = TerraformStack.of(scope);
  // Looking through a large stack for each of its services takes longer than their declaration.
  if (withProvider.has(stack)) {
    return;
  }
  withProvider.add(stack);
  if (!stack.node.findAll().some(isRandomProvider)) {
    new RandomProvider(stack, 'random');
  }
}
