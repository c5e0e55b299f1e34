import { Fn, Token } from 'cdktf';
import type { IConstruct } from 'constructs';

import { ConstructError } from '../validation/construct-error';

const KEY_VAULT_ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.KeyVault\/vaults\/([^/]+)$/i;

/** Where a vault's name stands among the parts of its ARM id, which begins with a slash. */
const NAME_PART = 8;

/**
 * Requires a vault's ARM id, where it is known at synth.
 * @param what the property
 * @internal
 */
export function requireKeyVaultId(scope: IConstruct, what: string, id: string): void {
  if (!Token.isUnresolved(id) && !KEY_VAULT_ID.test(id)) {
    throw new ConstructError(
      scope,
      `${what} is "${id}"; expected a vault's ARM id, such as ` +
        '/subscriptions/…/resourceGroups/…/providers/Microsoft.KeyVault/vaults/my-vault',
    );
  }
}

/**
 * Requires a name that a secret or a certificate of a vault can have.
 * @param what the property
 * @internal
 */
export function requireSecretName(scope: IConstruct, what: string, name: string): void {
  if (!Token.isUnresolved(name) && !/^[A-Za-z0-9-]{1,127}$/.test(name)) {
    throw new ConstructError(scope, `${what} is "${name}"; expected 1 to 127 letters, digits and "-"`);
  }
}

/**
 * A vault's address in Azure's public cloud.
 * @param id its ARM id
 * @internal
 */
export function keyVaultUri(id: string): string {
  const name = Token.isUnresolved(id)
    ? Token.asString(Fn.element(Fn.split('/', id), NAME_PART))
    : (KEY_VAULT_ID.exec(id)?.[1] ?? '');
  return `https://${name}.vault.azure.net/`;
}
