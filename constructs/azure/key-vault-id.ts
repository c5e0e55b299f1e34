import type { IConstruct } from 'constructs';

import { requirePattern } from '../validation/synth-value';
import { armIdPart } from './arm-id';

const KEY_VAULT_ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.KeyVault\/vaults\/[^/]+$/i;

/**
 * Requires the ARM id of a key vault.
 * @param option name of the property
 * @internal
 */
export function requireKeyVaultId(scope: IConstruct, option: string, id: string): void {
  requirePattern(
    scope,
    option,
    id,
    KEY_VAULT_ID,
    "a vault's ARM id, such as /subscriptions/…/resourceGroups/…/providers/Microsoft.KeyVault/vaults/my-vault",
  );
}

/**
 * Requires a valid name of a secret or certificate in a key vault.
 * @param option name of the property
 * @internal
 */
export function requireSecretName(scope: IConstruct, option: string, name: string): void {
  requirePattern(scope, option, name, /^[A-Za-z0-9-]{1,127}$/, '1 to 127 letters, digits and "-"');
}

/**
 * The address of a key vault in Azure's public cloud.
 * @param id the vault's ARM id
 * @internal
 */
export function keyVaultUri(id: string): string {
  return `https://${armIdPart(id, 'name')}.vault.azure.net/`;
}
