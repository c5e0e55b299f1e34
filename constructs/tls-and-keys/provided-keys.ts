import { Fn, Token } from 'cdktf';
import type { Construct } from 'constructs';

import { DataAzurermKeyVaultSecret } from '../bindings/azurerm';
import { EphemeralResource } from '../terraform/ephemeral-resource';
import { secretsInState } from '../terraform/secrets-in-state';
import { ConstructError } from '../validation/construct-error';
import type { ApiKeysConfiguration, KeyVaultApiKeysConfiguration, KeyVaultSecretReference } from './api-keys';
import { storedKey } from './generated-key';
import { sensitiveToken } from '../terraform/secret-value';

/** Keys of a web service as Terraform values. */
export interface ProvidedKeys {
  /** A sensitive token, or an ephemeral one if the key is in a vault. */
  readonly primaryKey: string;
  /** A sensitive token, or an ephemeral one if the key is in a vault. */
  readonly secondaryKey: string;
  /** Changes when a key does, and reveals nothing about it. A sensitive token if it is a digest of the keys. */
  readonly revision: string;
  /**
   * Vault that the keys above are read from without being stored, so that they cannot be outputs.
   * @default - the values above are stored in the state
   */
  readonly keyVault?: KeyVaultApiKeysConfiguration | undefined;
}

/**
 * Returns the keys as Terraform values: the provided keys, or two generated keys that are stored in the state. A key is
 * generated again when its rotation changes.
 * @internal
 */
export function provideKeys(scope: Construct, keys: ApiKeysConfiguration): ProvidedKeys {
  const { generated, keyVault, primaryKey, secondaryKey } = keys;
  if (generated) {
    const primary = storedKey(scope, 'PrimaryKey', generated.primaryRotation);
    const secondary = storedKey(scope, 'SecondaryKey', generated.secondaryRotation);
    const values = [sensitiveToken(primary.result), sensitiveToken(secondary.result)] as const;
    return { primaryKey: values[0], secondaryKey: values[1], revision: digestOf(values) };
  }
  if (keyVault) {
    const { primarySecret, secondarySecret } = keyVault;
    return {
      ...readKeys(scope, keyVault),
      revision: keys.revision ?? Fn.join('/', [primarySecret.url, secondarySecret.url]),
      keyVault: secretsInState(scope) ? undefined : keyVault,
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

/**
 * Reads keys from a vault, for use in the stack of `scope`.
 * @internal
 */
export function readKeys(
  scope: Construct,
  { primarySecret, secondarySecret }: KeyVaultApiKeysConfiguration,
): { primaryKey: string; secondaryKey: string } {
  return {
    primaryKey: secretValue(scope, 'PrimaryKey', primarySecret),
    secondaryKey: secretValue(scope, 'SecondaryKey', secondarySecret),
  };
}

/** What the endpoint of a service says about its keys: their values if those may be stored, else where to read them. */
export interface EndpointKeys {
  readonly primaryKey?: string | undefined;
  readonly secondaryKey?: string | undefined;
  readonly keyVaultKeys?: KeyVaultApiKeysConfiguration | undefined;
}

/** @internal */
export function endpointKeys(keys: ProvidedKeys | undefined): EndpointKeys {
  return keys?.keyVault
    ? { keyVaultKeys: keys.keyVault }
    : { primaryKey: keys?.primaryKey, secondaryKey: keys?.secondaryKey };
}

function secretValue(scope: Construct, id: string, secret: KeyVaultSecretReference): string {
  const { keyVaultId, name, version } = secret;
  if (secretsInState(scope)) {
    return sensitiveToken(new DataAzurermKeyVaultSecret(scope, id, { keyVaultId, name, version }).value);
  }
  return new EphemeralResource(scope, id, {
    type: 'azurerm_key_vault_secret',
    attributes: { key_vault_id: keyVaultId, name, version },
  }).getStringAttribute('value');
}

function digestOf(keys: readonly string[]): string {
  return Token.asString(Fn.sha256(Fn.join('\n', [...keys])));
}
