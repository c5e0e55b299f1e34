import { DataAzurermKeyVaultSecret } from '@cdktf/provider-azurerm/lib/data-azurerm-key-vault-secret';
import { Fn } from 'cdktf';
import type { Construct } from 'constructs';

import { requireKeyVaultId, requireSecretName } from '../azure/key-vault-id';
import type { ApiKeysConfiguration, KeyVaultApiKeysProps } from './api-keys';
import type { KeyVaultSecretReference } from './key-vault-secret-reference';
import { sensitiveToken } from './sensitive-token';

/** Declares, in `scope`, what reads the two keys. @internal */
export function bindKeyVaultKeys(scope: Construct, props: KeyVaultApiKeysProps): ApiKeysConfiguration {
  const { keyVaultId } = props;
  const { primarySecretName = 'scoring-primary-key', secondarySecretName = 'scoring-secondary-key' } = props;
  requireKeyVaultId(scope, 'keyVaultId', keyVaultId);
  requireSecretName(scope, 'primarySecretName', primarySecretName);
  requireSecretName(scope, 'secondarySecretName', secondarySecretName);
  const primary = new DataAzurermKeyVaultSecret(scope, 'PrimaryKey', { keyVaultId, name: primarySecretName });
  const secondary = new DataAzurermKeyVaultSecret(scope, 'SecondaryKey', {
    keyVaultId,
    name: secondarySecretName,
  });
  return {
    primaryKey: sensitiveToken(primary.value),
    secondaryKey: sensitiveToken(secondary.value),
    // Versions are random: they tell nothing of the keys.
    revision: Fn.join('/', [primary.version, secondary.version]),
    keyVault: { primarySecret: referenceTo(primary), secondarySecret: referenceTo(secondary) },
  };
}

function referenceTo(secret: DataAzurermKeyVaultSecret): KeyVaultSecretReference {
  return { url: secret.id, resourceId: secret.resourceVersionlessId };
}
